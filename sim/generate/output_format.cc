#include "sim/generate/output_format.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace keyway::sim {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

void Append(uint64_t number, std::string& out) {
  std::array<char, 20> digits;
  char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  out.append(digits.begin(), end);
}

void AppendHex(char byte, std::string& out) {
  out += kHexDigits[static_cast<unsigned char>(byte) >> 4];
  out += kHexDigits[static_cast<unsigned char>(byte) & 15];
}

bool IsPrintable(char byte) { return byte >= ' ' && byte <= '~'; }

bool Holds(std::string_view key, std::string_view bytes) {
  return key.find_first_of(bytes) != std::string_view::npos;
}

void AppendValue(uint64_t bytes, std::string& out) { out.append(bytes, 'x'); }

std::string_view Operation(const Item& item) { return item.read ? "get" : "set"; }

bool AppendList(const Item& item, std::string& out) {
  if (Holds(item.key, "\n")) return false;
  out += item.key;
  out += '\n';
  return true;
}

bool AppendNul(const Item& item, std::string& out) {
  if (Holds(item.key, std::string_view("\0", 1))) return false;
  out += item.key;
  out += '\0';
  return true;
}

bool AppendHexLine(const Item& item, std::string& out) {
  for (const char byte : item.key) AppendHex(byte, out);
  out += '\n';
  return true;
}

// What stands for itself there, a reader would take for a quotation or an escape.
bool AppendRdbCsv(const Item& item, std::string& out) {
  if (item.key.starts_with('"') || item.key.find("\\x") != std::string_view::npos) return false;
  out += "0,string,";
  for (const char byte : item.key) {
    if (IsPrintable(byte)) {
      out += byte;
    } else {
      out += "\\x";
      AppendHex(byte, out);
    }
  }
  out += ',';
  Append(item.bytes, out);
  out += ",string,";
  Append(item.bytes, out);
  out += ',';
  Append(item.bytes, out);
  out += ",\n";
  return true;
}

// Readers take the fields from both ends, so commas in the key do no harm.
bool AppendTwitter(const Item& item, std::string& out) {
  if (Holds(item.key, "\n\r")) return false;
  Append(item.time_us / 1'000'000, out);
  out += ',';
  out += item.key;
  for (const uint64_t size : {uint64_t{item.key.size()}, item.bytes}) {
    out += ',';
    Append(size, out);
  }
  out += ",1,";
  out += Operation(item);
  out += ",0\n";
  return true;
}

// A line that begins with # is a comment.
bool AppendCacheLib(const Item& item, std::string& out) {
  if (Holds(item.key, ",\n\r\"") || item.key.starts_with('#')) return false;
  out += item.key;
  out += ',';
  out += item.read ? "GET," : "SET,";
  Append(item.bytes, out);
  out += ",1,";
  Append(item.key.size(), out);
  out += ",0\n";
  return true;
}

bool AppendLibCacheSim(const Item& item, std::string& out) {
  if (Holds(item.key, ",\n\r\"")) return false;
  Append(item.time_us / 1'000'000, out);
  out += ',';
  out += item.key;
  out += ',';
  Append(item.bytes, out);
  out += ',';
  out += Operation(item);
  out += '\n';
  return true;
}

void AppendQuoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (IsPrintable(byte)) {
      out += byte;
    } else {
      out += "\\x";
      AppendHex(byte, out);
    }
  }
  out += '"';
}

// From the first second of 2024 on, when nobody else was connected.
bool AppendMonitor(const Item& item, std::string& out) {
  constexpr uint64_t kBegin = 1'704'067'200;
  Append(kBegin + item.time_us / 1'000'000, out);
  std::array<char, 8> fraction;  // a 1 before six digits keeps their zeros
  std::to_chars(fraction.begin(), fraction.end(), 1'000'000 + item.time_us % 1'000'000);
  fraction[0] = '.';
  out.append(fraction.begin(), 7);
  out += " [0 127.0.0.1:50000] ";
  out += item.read ? "\"GET\" " : "\"SET\" ";
  AppendQuoted(item.key, out);
  if (!item.read) {
    out += " \"";
    AppendValue(item.bytes, out);
    out += '"';
  }
  out += '\n';
  return true;
}

bool AppendMetadump(const Item& item, std::string& out) {
  out += "key=";
  for (const char byte : item.key) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9') || Holds("-._~", {&byte, 1});
    if (plain) {
      out += byte;
    } else {
      out += '%';
      AppendHex(byte, out);
    }
  }
  out += " exp=-1 la=0 cas=1 fetch=no cls=1 size=";
  Append(item.bytes, out);
  out += '\n';
  return true;
}

void AppendBulk(std::string_view text, std::string& out) {
  out += '$';
  Append(text.size(), out);
  out += "\r\n";
  out += text;
  out += "\r\n";
}

bool AppendRedis(const Item& item, std::string& out) {
  out += item.read ? "*2\r\n$3\r\nGET\r\n" : "*3\r\n$3\r\nSET\r\n";
  AppendBulk(item.key, out);
  if (item.read) return true;
  out += '$';
  Append(item.bytes, out);
  out += "\r\n";
  AppendValue(item.bytes, out);
  out += "\r\n";
  return true;
}

// The text protocol has neither empty keys nor long ones, nor spaces or control bytes.
bool AppendMemcached(const Item& item, std::string& out) {
  constexpr size_t kMaxKeyBytes = 250;
  const bool fits = !item.key.empty() && item.key.size() <= kMaxKeyBytes &&
                    std::ranges::all_of(item.key, [](char byte) {
                      return static_cast<unsigned char>(byte) > ' ' && byte != 0x7f;
                    });
  if (!fits) return false;
  out += item.read ? "get " : "set ";
  out += item.key;
  if (!item.read) {
    out += " 0 0 ";
    Append(item.bytes, out);
    out += "\r\n";
    AppendValue(item.bytes, out);
  }
  out += "\r\n";
  return true;
}

constexpr OutputFormat kFormats[] = {
    {"list", "a key on each line", "", AppendList},
    {"nul", "keys that each end with a NUL byte", "", AppendNul},
    {"hex", "a key on each line in hexadecimal, for keys of any bytes", "", AppendHexLine},
    {"rdb-csv", "the CSV of redis-rdb-tools, with sizes",
     "database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry\n",
     AppendRdbCsv},
    {"metadump", "memcached's lru_crawler metadump, with sizes", "", AppendMetadump},
    {"twitter", "Twitter's cache traces: times, sizes, operations", "", AppendTwitter},
    {"cachelib", "CacheLib's CacheBench traces: sizes, operations",
     "key,op,size,op_count,key_size,ttl\n", AppendCacheLib},
    {"libcachesim", "CSV for libCacheSim: time,key,size,operation", "", AppendLibCacheSim},
    {"monitor", "a log of Redis' MONITOR", "OK\n", AppendMonitor},
    {"redis", "commands for redis-cli --pipe or a socket: SET with values, and GET", "",
     AppendRedis},
    {"memcached", "commands for a socket of memcached: set with values, and get", "",
     AppendMemcached},
};

}  // namespace

const OutputFormat* FindOutputFormat(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &OutputFormat::name);
  return found == std::end(kFormats) ? nullptr : found;
}

std::span<const OutputFormat> AllOutputFormats() { return kFormats; }

}  // namespace keyway::sim
