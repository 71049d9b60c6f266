#include "proxy/config/address_text.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace keyway {
namespace {

using ::testing::HasSubstr;

ServerText Server(std::string_view text) {
  ServerText server;
  EXPECT_EQ(ParseServer(text, server), "") << text;
  return server;
}

std::string ServerError(std::string_view text) {
  ServerText server;
  return ParseServer(text, server);
}

ListenAddress Listen(std::string_view text) {
  ListenAddress listen;
  EXPECT_EQ(ParseListen(text, listen), "") << text;
  return listen;
}

std::string ListenError(std::string_view text) {
  ListenAddress listen;
  return ParseListen(text, listen);
}

TEST(ParseServerTest, HostPortAndWeightAreReadFromTheRight) {
  const ServerText server = Server("127.0.0.1:6386:5");
  EXPECT_EQ(server.endpoint, (Endpoint{.host = "127.0.0.1", .port = 6386, .path = ""}));
  EXPECT_EQ(server.weight, 5u);
  const ServerText ipv6 = Server("::1:6386:7");
  EXPECT_EQ(ipv6.endpoint, (Endpoint{.host = "::1", .port = 6386, .path = ""}));
  EXPECT_EQ(ipv6.weight, 7u);
}

TEST(ParseServerTest, PathsHaveNoPort) {
  const ServerText server = Server("/tmp/a b.sock:2 name");
  EXPECT_EQ(server.endpoint, (Endpoint{.host = "", .port = 0, .path = "/tmp/a b.sock"}));
  EXPECT_EQ(server.weight, 2u);
}

// The table "server name" of README.md.
TEST(ParseServerTest, TheNameIsWhatTwemproxyHashes) {
  EXPECT_EQ(Server("h:6386:1 name").name, "name");
  EXPECT_EQ(Server("h:6386:1").name, "h:6386");
  EXPECT_EQ(Server("h:06386:1").name, "h:06386");
  EXPECT_EQ(Server("h:11211:1").name, "h");
  EXPECT_EQ(Server("h:011211:1").name, "h");
  EXPECT_EQ(Server("h:11211:1 name").name, "name");
  EXPECT_EQ(Server("::1:6386:1").name, "::1:6386");
  EXPECT_EQ(Server("/tmp/a:1").name, "/tmp/a:");
  EXPECT_EQ(Server("/tmp/a:1 name").name, "name");
  EXPECT_EQ(Server("h:6386:1 ").name, "");
  EXPECT_EQ(Server("h:6386:1 b:2").name, "b:2");
}

TEST(ParseServerTest, WeightsFillAnInt) {
  EXPECT_EQ(Server("h:1:2147483647").weight, 2147483647u);
  EXPECT_THAT(ServerError("h:1:2147483648"), HasSubstr("'2147483648' is not a weight"));
  EXPECT_THAT(ServerError("h:1:0"), HasSubstr("'0' is not a weight"));
  EXPECT_THAT(ServerError("h:1:"), HasSubstr("'' is not a weight"));
}

TEST(ParseServerTest, WhatIsIncompleteIsShownWhole) {
  for (const std::string_view line : {"", "h", "h:1", "/tmp/a", "/tmp/a:b:1", " h:1:1", ":"}) {
    EXPECT_THAT(ServerError(line), HasSubstr("'" + std::string(line) + "' is not a server"));
  }
}

TEST(ParseListenTest, ThePortFollowsTheLastColon) {
  EXPECT_EQ(Listen("127.0.0.1:1").endpoint, (Endpoint{.host = "127.0.0.1", .port = 1, .path = ""}));
  EXPECT_EQ(Listen("::1:65535").endpoint, (Endpoint{.host = "::1", .port = 65535, .path = ""}));
  EXPECT_THAT(ListenError("h:0"), HasSubstr("'0' is not a port"));
  EXPECT_THAT(ListenError("h:65536"), HasSubstr("'65536' is not a port"));
  EXPECT_THAT(ListenError("h:"), HasSubstr("'' is not a port"));
  EXPECT_THAT(ListenError("h"), HasSubstr("'h' is not an address"));
}

TEST(ParseListenTest, AStarIsEveryAddress) {
  EXPECT_EQ(Listen("*:22121").endpoint.host, "0.0.0.0");
}

TEST(ParseListenTest, APathMayHaveAMode) {
  EXPECT_EQ(Listen("/a").endpoint.path, "/a");
  EXPECT_EQ(Listen("/a").mode, 0);
  EXPECT_EQ(Listen("/a 0777").mode, 0777);
  EXPECT_EQ(Listen("/a 7").mode, 7);
  EXPECT_EQ(Listen("/a b 6").endpoint.path, "/a b");
  EXPECT_EQ(Listen("/a b 6").mode, 6);
}

TEST(ParseListenTest, AModeThatIsNoNumberIsNone) {
  EXPECT_EQ(Listen("/a rw").mode, 0);
  EXPECT_EQ(Listen("/a rw").endpoint.path, "/a");
  EXPECT_EQ(Listen("/a 0888").mode, 0);
  EXPECT_EQ(Listen("/a 6x").mode, 6);
}

TEST(ParseListenTest, ModesBeyondPermissionsAreRefused) {
  EXPECT_THAT(ListenError("/a 1000"), HasSubstr("not a permission"));
  EXPECT_THAT(ListenError("/a -1"), HasSubstr("not a permission"));
  EXPECT_THAT(ListenError("/a 77777777777777777777777"), HasSubstr("not a permission"));
}

TEST(CheckHostTest, AddressesAndNamesPass) {
  for (const std::string_view host :
       {"127.0.0.1", "127.1", "0", "::", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "localhost",
        "a_b.example.com.", "1password.com", "*"}) {
    EXPECT_EQ(CheckHost(host), "") << host;
  }
}

TEST(CheckHostTest, TheReasonFitsTheMistake) {
  EXPECT_THAT(CheckHost(""), HasSubstr("is empty"));
  EXPECT_THAT(CheckHost("[::1]"), HasSubstr("without brackets"));
  EXPECT_THAT(CheckHost("1.2.3.4.5"), HasSubstr("not an IPv4 address"));
  EXPECT_THAT(CheckHost("256.1.1.1"), HasSubstr("not an IPv4 address"));
  EXPECT_THAT(CheckHost("a:b"), HasSubstr("not an IPv6 address"));
  EXPECT_THAT(CheckHost("a b"), HasSubstr("names hold letters"));
  EXPECT_THAT(CheckHost("é"), HasSubstr("names hold letters"));
}

TEST(CheckUnixPathTest, TheKernelsLimitCounts) {
  EXPECT_EQ(CheckUnixPath(std::string(107, 'a')), "");
  EXPECT_THAT(CheckUnixPath(std::string(108, 'a')), HasSubstr("at most 107 bytes, this has 108"));
}

}  // namespace
}  // namespace keyway
