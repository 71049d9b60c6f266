#!/usr/bin/python3
"""Writes the C++ source for page_parts.h.

usage: embed.py NAME=FILE...
"""

import base64
import hashlib
import pathlib
import sys


def constant(name, content):
    # Scripts end where this text begins, wherever it stands.
    if b"</script" in content.lower() or b"</style" in content.lower():
        sys.exit(f"{name} would end its own element")
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    quoted = f'R"part__({content.decode()})part__"'
    return f'const PagePart {name} = {{.text = {quoted}, .sha256 = "{digest}"}};'


def main(args):
    print('#include "sim/report/page_parts.h"\n')
    print("namespace keyway::sim {\n")
    for arg in args:
        name, _, path = arg.partition("=")
        print(constant(name, pathlib.Path(path).read_bytes()) + "\n")
    print("}  // namespace keyway::sim")


if __name__ == "__main__":
    main(sys.argv[1:])
