#!/usr/bin/python3
"""Plants every violation in a small clean tree, and sees that it is found."""

import unittest

import cpp
import rules
import tidy
import tree as trees

RING_H = """// A ring.
#ifndef KEYWAY_PROXY_BASE_RING_H_
#define KEYWAY_PROXY_BASE_RING_H_

#include <string>

int Turn(int steps);

#endif  // KEYWAY_PROXY_BASE_RING_H_
"""
RING_CC = """#include "proxy/base/ring.h"

#include "absl/strings/str_cat.h"

int Turn(int steps) {
  return steps;
}
"""
RING_TEST_CC = """#include "gtest/gtest.h"
#include "proxy/base/ring.h"

TEST(Ring, Turns) {
  EXPECT_EQ(Turn(1), 1);
}
"""
BUILD = """cc_library(
    name = "base",
    srcs = glob(["*.cc"], exclude = ["*_test.cc"]),
    hdrs = ["ring.h"],
    deps = ["@com_google_absl//absl/strings"],
)

cc_test(
    name = "ring_test",
    srcs = ["ring_test.cc"],
    deps = [
        ":base",
        "@com_google_googletest//:gtest_main",
    ],
)
"""
CLEAN = {
    "BUILD": "",
    "LICENSE": "",
    "README.md": "See [the proxy](proxy/README.md).\n",
    "WORKSPACE": "",
    "hashing/README.md": "",
    "hashing/BUILD": 'cc_library(name = "hashing", srcs = ["mix.h"], hdrs = ["hash.h"])\n',
    "hashing/hash.h": RING_H.replace("PROXY_BASE_RING", "HASHING_HASH"),
    "hashing/mix.h": RING_H.replace("PROXY_BASE_RING", "HASHING_MIX"),
    "proxy/README.md": "",
    "proxy/base/BUILD": BUILD,
    "proxy/base/ring.h": RING_H,
    "proxy/base/ring.cc": RING_CC,
    "proxy/base/ring_test.cc": RING_TEST_CC,
    "sim/README.md": "",
    "testdata/a.txt": "\t kept as it came",
    "tools/README.md": "",
}


def find(changes):
    """What is found after files were changed, added, or (None) taken away."""
    files = {path: text for path, text in {**CLEAN, **changes}.items() if text is not None}
    return tidy.Tidy(trees.Tree(files, configs=["asan"])).run()


class PlantedTest(unittest.TestCase):
    def check(self, changes, *expected):
        self.assertEqual(find(changes), list(expected))

    def check_ring(self, code, *expected):
        """Code at the end of ring.cc, whose first line is line 8."""
        self.check({"proxy/base/ring.cc": RING_CC + code}, *expected)

    def check_test(self, code, *expected):
        """Code at the end of ring_test.cc."""
        self.check({"proxy/base/ring_test.cc": RING_TEST_CC + code}, *expected)

    def check_include(self, header, *expected):
        """An #include in ring.cc, in line 1."""
        self.check({"proxy/base/ring.cc": f"#include {header}\n" + RING_CC}, *expected)

    def test_the_clean_tree_is_clean(self):
        self.check({})

    def test_text(self):
        self.check_ring("int x;", "proxy/base/ring.cc:8: the last line does not end")
        self.check_ring("int\tx;\n", "proxy/base/ring.cc:8: tab")
        self.check_ring("int x; \n", "proxy/base/ring.cc:8: white space at the end of the line")
        self.check_ring("int " + "x" * 97 + "\n", "proxy/base/ring.cc:8: over 100 columns")
        word = "TO" + "DO"
        self.check_ring(f"// {word} more\n", f"proxy/base/ring.cc:8: {word}: do it, or leave it")

    def test_columns_count_not_in_tables(self):
        self.check({"proxy/README.md": "|" * 101 + "\n"})

    def test_file_sizes(self):
        lines = "int x;\n" * 500
        self.check_ring(lines, "proxy/base/ring.cc:1: 507 lines; a source stays under 500")
        self.check_test(lines)
        self.check_test(lines * 2, "proxy/base/ring_test.cc:1: 1006 lines; a test stays under 800")
        self.check({"proxy/base/ring.cc": "// Rows.\n// long: one table\n" + RING_CC + lines})
        header = RING_H.replace("#include <string>\n", "int x;\n" * 200)
        message = "proxy/base/ring.h:1: 208 lines; a header stays under 200"
        self.check({"proxy/base/ring.h": header}, message)

    def test_function_sizes(self):
        body = "  Turn(1);\n" * 58
        message = "a function of 60 lines; it stays under 60"
        self.check_ring("int Long() {\n" + body[11:] + "}\n")
        self.check_ring("int Long() {\n" + body + "}\n", f"proxy/base/ring.cc:8: {message}")
        self.check_ring("// Flows.\n// long: one state machine\nint Long() {\n" + body + "}\n")
        self.check_test("TEST(A, B) {\n" + body + "}\n", f"proxy/base/ring_test.cc:7: {message}")
        python = "def long():\n" + "    print()\n" * 59
        self.check({"tools/a.py": python, "tools/BUILD": ""}, f"tools/a.py:1: {message}")

    def test_guards(self):
        message = "proxy/base/ring.h:1: the header guard is not KEYWAY_PROXY_BASE_RING_H_"
        self.check({"proxy/base/ring.h": RING_H.replace("BASE_RING", "RING")}, message)
        self.check({"proxy/base/ring.h": "#pragma once\n"}, message)

    def test_calls(self):
        time = "time comes from EventLoop::Now, so that a test can move it"
        line = "auto t = std::chrono::steady_clock::now();\n"
        self.check_ring(line, f"proxy/base/ring.cc:8: 'steady_clock::now': {time}")
        self.check_ring("// " + line)
        self.check_ring(f'auto t = "{line[:-1]}";\n')
        self.check_test(line)
        sleep = "nothing waits by sleeping: EventLoop::After, or an event"
        self.check_test("int x = usleep(1);\n", f"proxy/base/ring_test.cc:7: 'usleep(': {sleep}")
        sockets = "sockets are opened and used in proxy/net"
        self.check_ring("int x = ::socket(1);\n", f"proxy/base/ring.cc:8: '::socket(': {sockets}")
        self.check_ring("int x = stream.send(1);\n")
        seed = "randomness comes from a seed that the caller gives"
        self.check_ring("int x = rand();\n", f"proxy/base/ring.cc:8: 'rand(': {seed}")
        self.check_ring("int x = operand(1);\n")

    def test_includes_between_folders(self):
        lacks = "proxy/base/ring.cc:1: proxy/base/BUILD: base lacks //hashing"
        message = "proxy/base/ring.cc:1: proxy/base may not include hashing/hash.h"
        self.check_include('"hashing/hash.h"', message, lacks)
        message = "proxy/base/ring.cc:1: there is no proxy/base/rung.h"
        self.check_include('"proxy/base/rung.h"', message)
        files = {
            "sim/engine/BUILD": 'cc_library(name = "s", srcs = ["s.cc"], deps = ["//hashing"])\n',
            "sim/engine/s.cc": '#include "hashing/hash.h"\n#include "hashing/mix.h"\n',
        }
        self.check(files, "sim/engine/s.cc:2: hashing/mix.h is private to hashing")

    def test_generated_headers(self):
        include = '#include "proxy/admin/admin.pb.h"\n'
        build = 'cc_library(name = "k", srcs = ["k.cc"], deps = ["//proxy/admin:a"])\n'
        files = {"tools/keywayctl/BUILD": build, "tools/keywayctl/k.cc": include}
        self.check(files, "tools/keywayctl/k.cc:1: there is no proxy/admin/admin.proto")
        files["proxy/admin/admin.proto"] = "\n"
        self.check(files)
        message = "proxy/base/ring.cc:1: proxy/base may not include proxy/admin/admin.proto"
        self.assertIn(message, find({**files, "proxy/base/ring.cc": include + RING_CC}))

    def test_every_folder_has_a_row(self):
        files = {
            "proxy/new/BUILD": 'cc_library(name = "new", srcs = ["a.cc"])\n',
            "proxy/new/a.cc": "int x;\n",
        }
        message = "proxy/new has no row in MAY_INCLUDE of tools/tidy/rules.py"
        self.check(files, f"proxy/new/a.cc:1: {message}")

    def test_confined_headers(self):
        places = ", ".join(
            next(places for pattern, places in rules.CONFINED_HEADERS if "netdb" in pattern)
        )
        message = f"proxy/base/ring.cc:1: netdb.h may be included in: {places}"
        self.check_include("<netdb.h>", message)
        self.check_test("#include <netdb.h>\n")
        message = "absl/synchronization/mutex.h may be included in: nowhere"
        label = "@com_google_absl//absl/synchronization:mutex"
        self.check_include(
            '"absl/synchronization/mutex.h"',
            f"proxy/base/ring.cc:1: {message}",
            f"proxy/base/ring.cc:1: proxy/base/BUILD: base lacks {label}",
        )

    def test_dependencies(self):
        label = "@com_google_absl//absl/strings:str_format"
        message = f"proxy/base/ring.cc:1: proxy/base/BUILD: base lacks {label}"
        self.check_include('"absl/strings/str_format.h"', message)
        message = "proxy/base/BUILD:1: base does not use @com_google_absl//absl/strings:strings"
        without = RING_CC.replace('#include "absl/strings/str_cat.h"\n', "")
        self.check({"proxy/base/ring.cc": without}, message)
        unused = '":base",\n        "//hashing",'
        self.check({"proxy/base/BUILD": BUILD.replace('":base",', unused)})

    def test_what_counts_as_a_test(self):
        line = "auto t = std::chrono::steady_clock::now();\n"
        planted = {"proxy/base/ring.cc": RING_CC + line}
        self.assertEqual(len(find(planted)), 1)
        package = "package(default_testonly = True)\n"
        self.check({**planted, "proxy/base/BUILD": package + BUILD})
        self.check({**planted, "proxy/base/BUILD": BUILD.replace("srcs", "testonly = 1,\nsrcs")})

    def test_layout(self):
        self.check({"docs/a.md": ""}, "docs:1: is not among the top level")
        self.check({"LICENSE": None}, "LICENSE:1: is missing")
        self.check({"hashing/README.md": None}, "hashing/README.md:1: is missing")
        message = "proxy/base/ring_test.cc:1: no target has it"
        self.check({"proxy/base/BUILD": BUILD[: BUILD.index("cc_test")]}, message)
        self.check({"tools/a.py": "print()\n"}, "tools/BUILD:1: is missing")

    def test_links(self):
        message = "README.md:1: the link to proxy/README leads nowhere"
        self.check({"README.md": "See [the proxy](proxy/README).\n"}, message)
        self.check({"README.md": "See [it](https://redis.io/docs) and [us](sim/#top).\n"})

    def test_code_in_documents(self):
        def check_readme(text, *expected):
            self.check({"README.md": text}, *expected)

        known = "bazel test --config=asan //proxy/base:ring_test //hashing/... proxy/base/ring.h"
        check_readme(f"Run `{known}`.\n\n```sh\n{known}  # not/checked\n```\n")
        check_readme("`hashing/hush.h`\n", "README.md:1: there is no hashing/hush.h")
        check_readme("`application/json`\n")
        check_readme("```sh\ntools/tset\n```\n", "README.md:2: there is no tools/tset")
        check_readme("```\ntools/tset\n```\n")
        check_readme("`//hashing:hush`\n", "README.md:1: there is no target //hashing:hush")
        check_readme("`--config=asun`\n", "README.md:1: .bazelrc has no --config=asun")
        self.check({"sim/README.md": "`../proxy/base` and `README.md`\n"})


FUNCTIONS = """namespace keyway {

constexpr Row kRows[] = {
    {1, "}"},
    {2, R"(
}
)"},
};

template <typename T>
class Ring {
 public:
  Ring(int size,
       int slots)
      : size_(size) {
    Reset();
  }  // ] 13

  int size() const { return size_; }
};

template <typename T>
int Turn(T steps) {
  const auto step = [&](int n) {
    return n;
  };
  if (steps) {
    return step(1);
  }
  return 0;
}  // ] 22

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return 0;
}  // ] 33

}  // namespace keyway
"""


class CppTest(unittest.TestCase):
    def test_functions(self):
        """Each end is marked with the number of its first line."""
        expected = []
        for number, line in enumerate(FUNCTIONS.split("\n"), 1):
            if "// ] " in line:
                expected.append((int(line.rpartition(" ")[2]), number))
        self.assertEqual(list(cpp.functions(FUNCTIONS)), expected)

    def test_blank_keeps_the_lines(self):
        text = 'int a = 1\'000; // now()\nauto b = "now()\\"" + \'"\'; /* a\nb */ f(R"(x\ny)");\n'
        blanked = cpp.blank(text)
        self.assertEqual(len(blanked), len(text))
        self.assertEqual(blanked.count("\n"), text.count("\n"))
        self.assertNotIn("now", blanked)
        self.assertIn("1'000;", blanked)
        self.assertIn("f(", blanked)


class TableTest(unittest.TestCase):
    def test_a_row_allows_nothing_above_it(self):
        """Whoever may be included by a folder may not include it back."""
        for folder, row in rules.MAY_INCLUDE.items():
            for other in row:
                if folder not in ("proxy", "proxy/testing") and other in rules.MAY_INCLUDE:
                    self.assertFalse(tidy.within(folder, rules.MAY_INCLUDE[other]), (folder, other))


if __name__ == "__main__":
    unittest.main()
