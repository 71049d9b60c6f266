"""Third-party repositories, under their upstream names, made from Debian packages.

Headers and libraries stay where Debian puts them, below /usr, where the
compiler looks anyway. A library target is therefore little more than a name for
the link options that pkg-config gives.
"""

load("//tools/debian:abseil.bzl", "ABSEIL_LIBRARIES")

_CC_LIBRARY = """
cc_library(
    name = %r,
    defines = [%r],
    linkopts = %r,
    visibility = ["//visibility:public"],
)
"""

def _linkopts(ctx, libraries):
    """The link options for a space-separated list of pkg-config modules and -l options."""
    words = libraries.split(" ")
    options = [word for word in words if word.startswith("-l")]
    modules = [word for word in words if not word.startswith("-l")]
    if modules:
        result = ctx.execute(["pkg-config", "--libs"] + modules)
        if result.return_code:
            fail("@%s: %s" % (ctx.name, result.stderr))
        options += [word for word in result.stdout.strip().split(" ") if word.startswith("-l")]

    # Where a static library is named more than once, the last mention counts.
    options = reversed({option: None for option in reversed(options)}.keys())
    return ["-Wl,--push-state,--as-needed"] + options + ["-Wl,--pop-state"] if options else []

def _debian_repository_impl(ctx):
    query = ctx.execute(["dpkg-query", "-W", "-f", "${Version}\n"] + ctx.attr.packages)
    if query.return_code:
        fail("@%s is made from Debian packages: sudo apt-get install -y %s\n%s" %
             (ctx.name, " ".join(ctx.attr.packages), query.stderr))

    # Bazel does not watch /usr. The version in the command line makes an upgraded
    # package mean a rebuild, from the next start of the Bazel server on.
    define = "DEBIAN_%s=%s" % (
        ctx.attr.packages[0].replace("-", "_").replace("+", "x"),
        query.stdout.split("\n")[0],
    )

    build_files = {"": ctx.read(ctx.attr.build_file) if ctx.attr.build_file else ""}
    for label, libraries in ctx.attr.libraries.items():
        package, _, name = label[len("//"):].partition(":")
        build_files[package] = build_files.get(package, "") + _CC_LIBRARY % (
            name,
            define,
            _linkopts(ctx, libraries),
        )
    build_files[""] += "\nexports_files(%r)\n" % ctx.attr.symlinks.keys()

    ctx.file("WORKSPACE")
    for package, content in build_files.items():
        ctx.file(package + "/BUILD" if package else "BUILD", content)
    for path, target in ctx.attr.symlinks.items():
        ctx.symlink(target, path)
    for label, path in ctx.attr.files.items():
        ctx.symlink(label, path)

debian_repository = repository_rule(
    implementation = _debian_repository_impl,
    doc = "A repository made from installed Debian packages.",
    attrs = {
        "build_file": attr.label(
            doc = "The start of the top BUILD file.",
        ),
        "files": attr.label_keyed_string_dict(
            doc = "Files of this project, and the paths they get.",
        ),
        "libraries": attr.string_dict(
            doc = "Labels, and the pkg-config modules or -l options they stand for.",
        ),
        "packages": attr.string_list(
            doc = "The Debian packages.",
            mandatory = True,
        ),
        "symlinks": attr.string_dict(
            doc = "Paths to export, and the installed files they link to.",
        ),
    },
    configure = True,
    local = True,
)

_LIBRARIES = {
    "com_github_google_benchmark": dict(
        packages = ["libbenchmark-dev"],
        libraries = {
            "//:benchmark": "benchmark",
            "//:benchmark_main": "-lbenchmark_main benchmark",
        },
    ),
    "com_github_grpc_grpc": dict(
        packages = ["libgrpc++-dev", "protobuf-compiler-grpc"],
        libraries = {
            "//:grpc++": "grpc++ protobuf",
            "//:grpc++_reflection": "-lgrpc++_reflection grpc++ protobuf",
        },
        symlinks = {"grpc_cpp_plugin": "/usr/bin/grpc_cpp_plugin"},
        files = {
            "//tools/debian:cc_grpc_library.bzl": "bazel/cc_grpc_library.bzl",
            "//tools/debian:empty.BUILD": "bazel/BUILD",
        },
    ),
    "com_github_jbeder_yaml_cpp": dict(
        packages = ["libyaml-cpp-dev"],
        libraries = {"//:yaml-cpp": "yaml-cpp"},
    ),
    "com_google_absl": dict(
        packages = ["libabsl-dev"],
        libraries = ABSEIL_LIBRARIES,
    ),
    "com_google_googletest": dict(
        packages = ["libgmock-dev", "libgtest-dev"],
        libraries = {
            "//:gtest": "gmock",
            "//:gtest_main": "gmock_main",
        },
    ),
    "com_google_protobuf": dict(
        packages = ["libprotobuf-dev", "protobuf-compiler"],
        libraries = {"//:protobuf": "protobuf"},
        symlinks = {
            "include/google": "/usr/include/google",
            "protoc": "/usr/bin/protoc",
        },
        build_file = "//tools/debian:protobuf.BUILD",
    ),
    "boost": dict(
        packages = ["libboost-math-dev"],
        libraries = {"//:math": "-lm"},
    ),
    "chart_js": dict(
        packages = ["libjs-chart.js"],
        symlinks = {"chart.min.js": "/usr/share/javascript/chart.js/chart.min.js"},
    ),
    "cli11": dict(
        packages = ["libcli11-dev"],
        libraries = {"//:cli11": "-lm"},
    ),
    "hiredis": dict(
        packages = ["libhiredis-dev"],
        libraries = {"//:hiredis": "hiredis"},
    ),
    "lz4": dict(
        packages = ["liblz4-dev"],
        libraries = {"//:lz4": "liblz4"},
    ),
    "nlohmann_json": dict(
        packages = ["nlohmann-json3-dev"],
        libraries = {"//:json": "-lm"},
    ),
    "openssl": dict(
        packages = ["libssl-dev"],
        libraries = {
            "//:crypto": "libcrypto",
            "//:ssl": "libssl",
        },
    ),
    "xxhash": dict(
        packages = ["libxxhash-dev"],
        libraries = {"//:xxhash": "libxxhash"},
    ),
    "zstd": dict(
        packages = ["libzstd-dev"],
        libraries = {"//:zstd": "libzstd"},
    ),
    "zlib": dict(
        packages = ["zlib1g-dev"],
        libraries = {"//:zlib": "zlib"},
    ),
}

_PROGRAMS = {
    "chromium": dict(
        packages = ["chromium"],
        symlinks = {"chromium": "/usr/bin/chromium"},
    ),
    "memcached": dict(
        packages = ["memcached"],
        symlinks = {"memcached": "/usr/bin/memcached"},
    ),
    "nutcracker": dict(
        packages = ["nutcracker"],
        symlinks = {"nutcracker": "/usr/sbin/nutcracker"},
    ),
    "parallel": dict(
        packages = ["parallel"],
        symlinks = {"parallel": "/usr/bin/parallel"},
    ),
    "redis": dict(
        packages = ["redis-server", "redis-tools"],
        symlinks = {
            "redis-cli": "/usr/bin/redis-cli",
            "redis-server": "/usr/bin/redis-server",
        },
    ),
}

# What Bazel's own toolchains load, and Debian's Bazel would download.
_BAZEL = {
    "remote_coverage_tools": dict(
        packages = ["python3"],
        build_file = "//tools/debian:coverage.BUILD",
        files = {"//tools/debian:coverage.py": "coverage.py"},
    ),
    "rules_cc": dict(
        packages = ["bazel-bootstrap"],
        files = {
            "//tools/debian:empty.BUILD": "cc/BUILD",
            "//tools/debian:rules_cc.bzl": "cc/defs.bzl",
        },
    ),
    "rules_java": dict(
        packages = ["bazel-bootstrap"],
        files = {
            "//tools/debian:empty.BUILD": "java/BUILD",
            "//tools/debian:rules_java.bzl": "java/defs.bzl",
        },
    ),
    "rules_proto": dict(
        packages = ["bazel-bootstrap"],
        files = {
            "//tools/debian:empty.BUILD": "proto/BUILD",
            "//tools/debian:rules_proto.bzl": "proto/defs.bzl",
        },
    ),
    "rules_shell": dict(
        packages = ["bazel-bootstrap"],
        files = {
            "//tools/debian:empty.BUILD": "shell/BUILD",
            "//tools/debian:rules_shell.bzl": "shell/sh_test.bzl",
        },
    ),
}

def debian_repositories():
    """Declares every third-party repository that is not declared yet."""
    for repositories in [_LIBRARIES, _PROGRAMS, _BAZEL]:
        for name, attrs in repositories.items():
            if not native.existing_rule(name):
                debian_repository(name = name, **attrs)
