"""Tests in Python."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")

def python_test(name, src, deps = [], **kwargs):
    """Runs a script of Python's unittest.

    Not a py_test, whose launcher wants a command named python, which Debian does
    not have. Modules are found in the folder of the script.

    Args:
      name: The name, by convention ending in _test.
      src: The script, executable.
      deps: The other modules of the folder that it imports.
      **kwargs: Passed to the sh_test.
    """
    sh_test(
        name = name,
        size = kwargs.pop("size", "small"),
        srcs = [src],
        data = deps + kwargs.pop("data", []),
        env = {"PYTHONDONTWRITEBYTECODE": "1"},
        **kwargs
    )
