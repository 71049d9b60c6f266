#include "tools/bench/messages.h"

#include <charconv>
#include <cstring>
#include <string_view>

#include "tools/bench/digits.h"

namespace keyway::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

void AppendNumber(size_t number, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void AppendRedisKey(Item item, std::string& out) {
  out += "$16\r\n";
  static_assert(kKeyBytes == 16);
  AppendKey(item, out);
  out += kLineEnd;
}

void AppendRedisRequest(Operation operation, std::span<const Item> items, std::string& out) {
  switch (operation) {
    case Operation::kGet:
      out += "*2\r\n$3\r\nGET\r\n";
      break;
    case Operation::kSet:
      out += "*3\r\n$3\r\nSET\r\n";
      break;
    case Operation::kMultiGet:
      AppendHeader('*', items.size() + 1, out);
      out += "$4\r\nMGET\r\n";
      break;
  }
  for (const Item item : items) AppendRedisKey(item, out);
  if (operation == Operation::kSet) AppendValue(Protocol::kRedis, items.front(), out);
}

void AppendMemcacheRequest(Operation operation, std::span<const Item> items, std::string& out) {
  if (operation == Operation::kSet) {
    out += "set ";
    AppendKey(items.front(), out);
    out += " 0 0 ";
    AppendNumber(items.front().value_bytes, out);
    out += kLineEnd;
    out += ValueOf(items.front());
  } else {
    out += "get";
    const size_t before = out.size();
    out.append(items.size() * (1 + kKeyBytes), ' ');
    char* at = out.data() + before;
    for (const Item item : items) {
      WriteKey(item, at + 1);
      at += 1 + kKeyBytes;
    }
  }
  out += kLineEnd;
}

constexpr std::string_view kFlags = " 0 ";
constexpr size_t kMostHeadBytes =
    kMemcacheValue.size() + kKeyBytes + kFlags.size() + kEightDigits + kLineEnd.size();

char* Write(std::string_view text, char* at) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* WriteValue(Protocol protocol, Item item, char* at) {
  if (protocol == Protocol::kRedis) {
    at = Write("$", at);
  } else {
    at = Write(kMemcacheValue, at);
    WriteKey(item, at);
    at = Write(kFlags, at + kKeyBytes);
  }
  at = Write(kLineEnd, WriteNumber(item.value_bytes, at));
  return Write(kLineEnd, Write(ValueOf(item), at));
}

// Room for all of them is made first: appending word by word costs more than all else of
// small values.
void AppendValues(Protocol protocol, std::span<const Item> items, std::string& out) {
  const size_t before = out.size();
  size_t most = 0;
  for (const Item item : items) most += kMostHeadBytes + item.value_bytes + kLineEnd.size();
  out.append(most, '\0');
  char* at = out.data() + before;
  for (const Item item : items) at = WriteValue(protocol, item, at);
  out.resize(static_cast<size_t>(at - out.data()));
}

}  // namespace

void AppendHeader(char type, size_t number, std::string& out) {
  out += type;
  AppendNumber(number, out);
  out += kLineEnd;
}

void AppendValue(Protocol protocol, Item item, std::string& out) {
  AppendValues(protocol, std::span(&item, 1), out);
}

void AppendRequest(RequestKind kind, std::span<const Item> items, std::string& out) {
  if (kind.protocol == Protocol::kRedis) {
    AppendRedisRequest(kind.operation, items, out);
  } else {
    AppendMemcacheRequest(kind.operation, items, out);
  }
}

void AppendReply(RequestKind kind, std::span<const Item> items, std::string& out) {
  const bool redis = kind.protocol == Protocol::kRedis;
  if (kind.operation == Operation::kSet) {
    out += redis ? "+OK\r\n" : "STORED\r\n";
    return;
  }
  if (redis && kind.operation == Operation::kMultiGet) AppendHeader('*', items.size(), out);
  AppendValues(kind.protocol, items, out);
  if (!redis) out += kMemcacheEnd;
}

}  // namespace keyway::bench
