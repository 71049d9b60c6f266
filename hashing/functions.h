// Every hash function. Private to this folder: others find them by name in hash.h.
//
// Twemproxy read keys through a plain char, which is signed on x86. Where a function
// is said to sign-extend, a byte of 128 or more enters it as 0xFFFFFF00 + byte, on
// every platform. All of them accept any bytes, the empty string included.
#ifndef KEYWAY_HASHING_FUNCTIONS_H_
#define KEYWAY_HASHING_FUNCTIONS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace keyway::hashing {

// Where a function is named twice, the second form hashes several keys, each into its place,
// and is faster than the first for each of them.
using Keys = std::span<const std::string_view>;
using Values = std::span<uint64_t>;

// The four little-endian words of the MD5 digest. RFC 1321.
std::array<uint32_t, 4> Md5Words(std::string_view bytes);

// The first of them.
uint64_t Md5(std::string_view bytes);

// CRC-CCITT (polynomial 0x1021, start 0), as twemproxy computes it: in a register of
// 32 bits that is never cut to 16. Not the CRC of Redis Cluster, which slots.h has.
uint64_t Crc16(std::string_view bytes);

// CRC-32 (ISO 3309, as in zlib), of which bits 16 to 30 are used: values below 2^15.
uint64_t Crc32(std::string_view bytes);

// All of CRC-32.
uint64_t Crc32a(std::string_view bytes);

// Fowler, Noll and Vo's function. Those called 64 start from the low half of the 64-bit
// offset basis and stay in 32 bits. Sign-extend.
uint64_t Fnv1_64(std::string_view bytes);
uint64_t Fnv1a_64(std::string_view bytes);
uint64_t Fnv1_32(std::string_view bytes);
uint64_t Fnv1a_32(std::string_view bytes);
void Fnv1_64(Keys keys, Values values);
void Fnv1a_64(Keys keys, Values values);
void Fnv1_32(Keys keys, Values values);
void Fnv1a_32(Keys keys, Values values);

// Paul Hsieh's SuperFastHash, started from 0. Sign-extends the last of three left-over
// bytes, and only that one.
uint64_t Hsieh(std::string_view bytes);

// Austin Appleby's MurmurHash2, seeded with 0xDEADBEEF times the length.
uint64_t Murmur(std::string_view bytes);

// Bob Jenkins' lookup3 (hashlittle), with the initial value 13.
uint64_t Jenkins(std::string_view bytes);

// Bob Jenkins' one-at-a-time. Sign-extends.
uint64_t OneAtATime(std::string_view bytes);
void OneAtATime(Keys keys, Values values);

// Yann Collet's XXH64 with seed 0: all 64 bits.
uint64_t Xxh64(std::string_view bytes);

}  // namespace keyway::hashing

#endif  // KEYWAY_HASHING_FUNCTIONS_H_
