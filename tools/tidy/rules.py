"""The rules of this tree, as data. tidy.py applies them; each is there for a reason given here."""

# --- Sizes -------------------------------------------------------------------
# Tripwires against growth, not targets. A line "// long: reason" right above a
# function, or in the comment at the top of a file, lifts the limit.
MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = {
    "header": 200,
    "test": 800,
    "source": 500,
}

# --- Layout ------------------------------------------------------------------
TOP_LEVEL = {
    "BUILD",
    "LICENSE",
    "README.md",
    "WORKSPACE",
    "hashing",
    "proxy",
    "sim",
    "testdata",
    "tools",
}

# What a newcomer reads first in each.
FOLDERS_WITH_README = ["", "hashing", "proxy", "sim", "tools"]

# Recorded input and output, kept as it came.
UNCHECKED_FOLDERS = ["testdata"]

# --- Includes between the folders --------------------------------------------
# What the sources of a folder may include besides its own headers: folders
# (with all below them) or single headers. So a request's way is the only way
# through the code: client, dispatch, upstream, with routing beside them, and
# answers go back through interfaces that the lower folder owns. A row ending in
# /... is for the folders below as well; any other folder needs a row of its own.
MAY_INCLUDE = {
    "hashing": [],
    "proxy/base": [],
    "proxy/net": ["proxy/base"],
    "proxy/protocol": [
        "proxy/base",
        "proxy/protocol/memcache/codec.h",
        "proxy/protocol/redis/codec.h",
    ],
    "proxy/protocol/redis": ["proxy/base", "proxy/protocol", "hashing"],
    "proxy/protocol/memcache": ["proxy/base", "proxy/protocol"],
    "proxy/stats": ["proxy/base"],
    "proxy/config": ["proxy/base", "hashing"],
    "proxy/routing": ["proxy/base", "proxy/config", "proxy/net/address.h", "hashing"],
    "proxy/upstream": [
        "proxy/base",
        "proxy/config/config.h",
        "proxy/net",
        "proxy/protocol",
        "proxy/routing/snapshot.h",
        "proxy/stats",
    ],
    "proxy/dispatch": [
        "proxy/base",
        "proxy/config/config.h",
        "proxy/net/event_loop.h",
        "proxy/protocol",
        "proxy/routing",
        "proxy/stats",
        "proxy/upstream",
    ],
    "proxy/client": [
        "proxy/base",
        "proxy/config/config.h",
        "proxy/dispatch",
        "proxy/net",
        "proxy/protocol",
        "proxy/stats",
    ],
    "proxy/control": [
        "hashing",
        "proxy/base",
        "proxy/config",
        "proxy/net",
        "proxy/protocol",
        "proxy/routing",
        "proxy/stats",
        "proxy/upstream",
    ],
    "proxy/admin": [
        "proxy/base",
        "proxy/config/address_text.h",
        "proxy/control",
        "proxy/net",
        "proxy/routing",
        "proxy/stats",
    ],
    "proxy/flags": ["proxy/base"],
    "proxy/process": ["proxy/base", "proxy/config"],
    "proxy": ["proxy", "hashing"],
    "proxy/testing": ["proxy", "hashing"],
    # Inputs and counts know no command, and reports know neither.
    "sim/source": [],
    "sim/source/...": ["hashing", "proxy/base", "proxy/config", "sim/source"],
    # The keys of a logged command are where the proxy finds them.
    "sim/source/format": ["hashing", "proxy/protocol", "sim/source"],
    "sim/sketch": [],
    "sim/engine": ["hashing", "sim/sketch", "sim/source"],
    "sim/partial": ["sim/engine", "sim/sketch", "sim/source"],
    "sim/figures": ["hashing"],
    "sim/report": [],
    "sim/generate": ["sim/source"],
    "sim/study": ["hashing", "sim/figures", "sim/report", "sim/source/synthetic"],
    "sim/verify": ["hashing", "proxy/base", "proxy/config", "sim/engine", "sim/source"],
    "sim/command": [
        "hashing",
        "proxy/base",
        "proxy/config",
        "sim/engine",
        "sim/figures",
        "sim/generate",
        "sim/partial",
        "sim/report",
        "sim/sketch",
        "sim/source",
        "sim/study",
        "sim/verify",
    ],
    "sim": ["sim/command", "sim/report"],
    "sim/bench": ["hashing", "sim/engine", "sim/source"],
    "tools/...": ["hashing", "proxy/base", "proxy/config", "proxy/net", "proxy/protocol"],
    "tools/keywayctl": ["proxy/admin/admin.proto"],
    "tools/package/manual": ["hashing", "proxy/config", "proxy/flags"],
}

# What tests, fuzz targets and benchmarks may include on top.
TESTS_MAY_INCLUDE = ["hashing", "proxy/config", "proxy/net", "proxy/protocol", "proxy/testing"]

# Folders of which other folders see only these headers.
PUBLIC_HEADERS = {
    "hashing": [
        "hashing/anchor.h",
        "hashing/bounded.h",
        "hashing/distribution.h",
        "hashing/hash.h",
        "hashing/hash_tag.h",
        "hashing/ketama.h",
        "hashing/placement.h",
        "hashing/ring.h",
        "hashing/slots.h",
        "hashing/variants.h",
    ],
    "sim/report": ["sim/report/report.h", "sim/report/terminal.h", "sim/report/text.h"],
}

# --- Confined headers --------------------------------------------------------
# Third-party code and the system's sockets stay where they can be replaced.
# (header pattern, where it may be included). Patterns are regular expressions
# that match from the start; a place is a folder with all below it, a file, or
# "tests". A header that no row matches may be included anywhere.
TESTS = "tests"
CONFINED_HEADERS = [
    (r"gtest/|gmock/", [TESTS]),
    (r"benchmark/", [TESTS]),
    (r"yaml-cpp/", ["proxy/config", TESTS]),
    (r"openssl/md5|openssl/evp", ["hashing/md5.cc"]),
    (r"openssl/", []),
    (r"zlib\.h", ["hashing/crc.cc", "sim/source", TESTS]),
    (r"zstd\.h", ["sim/partial", "sim/source", TESTS]),
    (r"lz4(frame|hc)?\.h", ["sim/source", TESTS]),
    (r"xxhash\.h", ["hashing/xxh64.cc", "sim/sketch", TESTS]),
    (r"hiredis/", ["sim/source/live", "sim/verify", TESTS]),
    (r"nlohmann/", ["sim", TESTS]),
    (r"boost/", ["sim"]),
    (r"CLI/", ["sim/command", "sim/sim_main.cc"]),
    (
        r"sys/(socket|epoll|eventfd)\.h|netdb\.h",
        ["proxy/net", "proxy/process/supervisor.cc", "tools/bench", TESTS],
    ),
    (
        r"netinet/|arpa/|sys/un\.h",
        [
            "proxy/net",
            "proxy/config",
            "proxy/control/resolver.cc",
            "proxy/process/supervisor.cc",
            "tools/bench",
            TESTS,
        ],
    ),
    (r"sys/uio\.h", ["proxy/net", "proxy/base/buffer.h"]),
    (r"grpc(pp)?/|.*\.grpc\.pb\.h", ["proxy/admin/admin_service.cc", "tools/keywayctl", TESTS]),
    (r"google/protobuf/|.*\.pb\.h", ["proxy/admin", "sim/partial", "tools/keywayctl"]),
    (r"absl/flags/", ["proxy/flags", "tools"]),
    (r"absl/synchronization/", []),  # not instrumented: false reports under ThreadSanitizer
    (r"absl/strings/string_view\.h", []),  # std::string_view, also where Debian's is not the same
    # Options reach all others as values.
    (r"proxy/flags/", ["proxy/proxy_main.cc", "proxy/flags", "tools/package/manual"]),
]

# --- Banned calls ------------------------------------------------------------
# (pattern in the code, what to do instead, where it is allowed after all).
BANNED_CALLS = [
    (
        r"\b(steady|system|high_resolution)_clock::now\b|\babsl::Now\(|\bclock_gettime\(|"
        r"\bgettimeofday\(|\btime\((NULL|nullptr|0)\)",
        "time comes from EventLoop::Now, so that a test can move it",
        ["proxy/net", "proxy/base/log.cc", "proxy/process/crash_log.cc", "sim", "tools", TESTS],
    ),
    (
        r"\bs?rand\(|\brandom_device\b|\babsl::BitGen\b|\bgetrandom\(",
        "randomness comes from a seed that the caller gives",
        ["proxy/net"],
    ),
    (
        r"\b(u|nano)?sleep\(|\bsleep_(for|until)\(",
        "nothing waits by sleeping: EventLoop::After, or an event",
        # A server tells nobody when its crawler is done.
        ["sim/source/live/memcached.cc"],
    ),
    (
        r"::(socket|connect|bind|listen|accept4?|send|recv|sendmsg|recvmsg|writev|readv|"
        r"setsockopt|getaddrinfo|epoll_\w+)\(",
        "sockets are opened and used in proxy/net",
        ["proxy/net", "tools/bench", TESTS],
    ),
    (r"\bthrow\b", "errors are values: absl::Status, or a small enum", []),
    (r"\bcatch \(", "a third-party exception ends where it arises", ["proxy/config", "sim"]),
    (r"\bstd::endl\b", "'\\n'", []),
    (r"\busing namespace\b", "a using-declaration", []),
]

# Words that stand for work not done.
BANNED_WORDS = r"\b(" + "TO" + r"DO|FIX" + r"ME|HA" + r"CK|XX" + r"X)\b"

# --- Labels ------------------------------------------------------------------
# The label that a target must name directly for the third-party headers it
# includes, so that the tree also builds from source archives. Abseil's labels
# are those of the header, but for these.
ABSEIL_LABELS = {
    "absl/algorithm/container.h": "absl/algorithm:container",
    "absl/base/attributes.h": "absl/base:core_headers",
    "absl/base/macros.h": "absl/base:core_headers",
    "absl/base/optimization.h": "absl/base:core_headers",
    "absl/base/thread_annotations.h": "absl/base:core_headers",
    "absl/container/btree_map.h": "absl/container:btree",
    "absl/container/btree_set.h": "absl/container:btree",
    "absl/flags/usage_config.h": "absl/flags:usage",
    "absl/time/clock.h": "absl/time:time",
}
ABSEIL_STRINGS = {
    "ascii",
    "escaping",
    "match",
    "numbers",
    "str_cat",
    "str_join",
    "str_replace",
    "str_split",
    "strip",
    "substitute",
}

# (header pattern, the labels of which one must be a direct dependency)
LIBRARY_LABELS = [
    (
        r"gtest/|gmock/",
        ["@com_google_googletest//:gtest_main", "@com_google_googletest//:gtest"],
    ),
    (
        r"benchmark/",
        [
            "@com_github_google_benchmark//:benchmark_main",
            "@com_github_google_benchmark//:benchmark",
        ],
    ),
    (r"google/protobuf/", ["@com_google_protobuf//:protobuf"]),
    (r"grpcpp/ext/proto_server_reflection", ["@com_github_grpc_grpc//:grpc++_reflection"]),
    (r"grpc(pp)?/", ["@com_github_grpc_grpc//:grpc++"]),
    (r"yaml-cpp/", ["@com_github_jbeder_yaml_cpp//:yaml-cpp"]),
    (r"openssl/ssl\.h", ["@openssl//:ssl"]),
    (r"openssl/", ["@openssl//:crypto"]),
    (r"xxhash\.h", ["@xxhash"]),
    (r"zlib\.h", ["@zlib"]),
    (r"zstd\.h", ["@zstd"]),
    (r"lz4(frame|hc)?\.h", ["@lz4"]),
    (r"hiredis/", ["@hiredis"]),
    (r"nlohmann/", ["@nlohmann_json//:json"]),
    (r"boost/", ["@boost//:math"]),
    (r"CLI/", ["@cli11"]),
]
