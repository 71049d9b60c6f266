"""Tests that start programs."""

load("@rules_cc//cc:defs.bzl", "cc_test")

# By the environment variable that tells a test where the program is.
_PROGRAMS = {
    "MEMCACHED": "@memcached",
    "NUTCRACKER": "@nutcracker",
    "PROXY": "//proxy",
    "REDIS_CLI": "@redis//:redis-cli",
    "REDIS_SERVER": "@redis//:redis-server",
}

def cc_program_test(name, programs, data = [], env = {}, **kwargs):
    """A cc_test that starts programs, each found by a variable of its environment.

    Args:
      name: The name.
      programs: The variables, of those above.
      data: Other files that it reads.
      env: Other variables.
      **kwargs: Passed to the cc_test.
    """
    labels = {program: _PROGRAMS[program] for program in programs}
    paths = {program: "$(rootpath %s)" % label for program, label in labels.items()}
    cc_test(
        name = name,
        data = data + labels.values(),
        env = dict(env, **paths),
        **kwargs
    )
