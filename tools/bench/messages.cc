#include "tools/bench/messages.h"

#include <charconv>
#include <string_view>

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
    for (const Item item : items) {
      out += ' ';
      AppendKey(item, out);
    }
  }
  out += kLineEnd;
}

}  // namespace

void AppendHeader(char type, size_t number, std::string& out) {
  out += type;
  AppendNumber(number, out);
  out += kLineEnd;
}

void AppendValue(Protocol protocol, Item item, std::string& out) {
  if (protocol == Protocol::kRedis) {
    AppendHeader('$', item.value_bytes, out);
  } else {
    out += kMemcacheValue;
    AppendKey(item, out);
    out += " 0 ";
    AppendNumber(item.value_bytes, out);
    out += kLineEnd;
  }
  out += ValueOf(item);
  out += kLineEnd;
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
  for (const Item item : items) AppendValue(kind.protocol, item, out);
  if (!redis) out += kMemcacheEnd;
}

}  // namespace keyway::bench
