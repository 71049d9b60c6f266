#include "proxy/control/http.h"

#include <chrono>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

HttpRead Read(std::string_view bytes, HttpRequest& request, bool ended = false) {
  return ReadHttpRequest(bytes, ended, request);
}

HttpRead Read(std::string_view bytes, bool ended = false) {
  HttpRequest request;
  return ReadHttpRequest(bytes, ended, request);
}

struct Case {
  std::string bytes;
  std::string method;
  std::string path;
};

TEST(ReadHttpRequestTest, Requests) {
  for (const Case& each : {
           Case{"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/stats"},
           Case{"HEAD / HTTP/1.0\r\n\r\n", "HEAD", "/"},
           Case{"GET /metrics HTTP/1.1\n\n", "GET", "/metrics"},
           Case{"GET /metrics?name[]=up HTTP/1.1\r\n\r\n", "GET", "/metrics"},
           Case{"GET http://proxy:22222/stats?x HTTP/1.1\r\n\r\n", "GET", "/stats"},
           Case{"GET http://proxy HTTP/1.1\r\n\r\n", "GET", "/"},
           Case{"GET /a://b/c HTTP/1.1\r\n\r\n", "GET", "/a://b/c"},
           Case{"GET /a b HTTP/1.1\r\n\r\n", "GET", "/a b"},
           Case{"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS", "*"},
           Case{"POST /stats HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET / HTTP", "POST", "/stats"},
       }) {
    HttpRequest request;
    EXPECT_EQ(Read(each.bytes, request), HttpRead::kDone) << each.bytes;
    EXPECT_EQ(request.method, each.method);
    EXPECT_EQ(request.path, each.path);
  }
}

TEST(ReadHttpRequestTest, WhatIsNoRequestIsKnownByItsFirstLine) {
  for (const std::string bytes :
       {"stats\r\n", "\r\n", "\n", " ", "*1\r\n", "get /stats HTTP/1.1\r\n\r\n", "GETX", "STATS",
        "GET\r\n", "GET /stats\r\n", "GET /stats \r\n", "GET  HTTP/1.1\r\n",
        "GET /stats FTP/1.1\r\n", "\x16\x03\x01"}) {
    EXPECT_EQ(Read(bytes), HttpRead::kNotHttp) << bytes;
  }
}

TEST(ReadHttpRequestTest, OtherVersions) {
  EXPECT_EQ(Read("PUT / HTTP/2.0\r\n"), HttpRead::kBad);
  EXPECT_EQ(Read("GET / HTTP/0.9\r\n"), HttpRead::kBad);
  EXPECT_EQ(Read("GET / HTTP/\r\n"), HttpRead::kBad);
}

TEST(ReadHttpRequestTest, TheEndOfTheConnectionEndsTheRequest) {
  EXPECT_EQ(Read("GET /stats HTTP/1.0\r\n", true), HttpRead::kDone);
  EXPECT_EQ(Read("GET /stats HTTP/1.0", true), HttpRead::kDone);
  EXPECT_EQ(Read("GET /stats", true), HttpRead::kNotHttp);
  EXPECT_EQ(Read("GET", true), HttpRead::kNotHttp);
  EXPECT_EQ(Read("", true), HttpRead::kNotHttp);
}

// Each prefix from a heap block of its size, so that reading too far shows.
TEST(ReadHttpRequestTest, AtEveryByteMoreIsNeeded) {
  const std::string whole = "GET /stats HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto block = std::make_unique<char[]>(size);
    whole.copy(block.get(), size);
    EXPECT_EQ(Read({block.get(), size}), HttpRead::kNeedMore) << size;
  }
}

const WallTime kNow{std::chrono::seconds(784111777)};

TEST(HttpTextTest, IsAWholeResponse) {
  const HttpRequest get = {.method = "GET", .path = "/"};
  EXPECT_EQ(HttpText({.body = "ok\n"}, &get, kNow),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\n"
            "Connection: close\r\n\r\nok\n");
}

TEST(HttpTextTest, HeadHasNoBody) {
  const HttpRequest head = {.method = "HEAD", .path = "/"};
  const std::string text = HttpText({.body = "ok\n"}, &head, kNow);
  EXPECT_THAT(text, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(text, EndsWith("Connection: close\r\n\r\n"));
}

TEST(HttpTextTest, EachStatusHasItsReason) {
  for (const std::string line :
       {"200 OK", "400 Bad Request", "404 Not Found", "405 Method Not Allowed",
        "431 Request Header Fields Too Large", "503 Service Unavailable"}) {
    const std::string text = HttpText({.status = std::stoi(line), .body = ""}, nullptr, kNow);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 " + line + "\r\n"));
    EXPECT_EQ(text.find("Allow: GET, HEAD\r\n") != text.npos, line.starts_with("405"));
  }
}

}  // namespace
}  // namespace keyway
