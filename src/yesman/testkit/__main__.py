"""pytest for one plugin, as ``yesman plugin test`` starts it.

What always holds: packages of the plugin come last on the path, so that they never take the place of what
yesman itself needs; nothing compiled is left in the plugin's folder.
"""

from __future__ import annotations

import argparse
import os
import sys

import pytest

FIXTURES = "yesman.testkit.fixtures"
SETTINGS = ("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function")


def main() -> int:
    """Run the tests and return pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m yesman.testkit")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--packages", default="")
    parser.add_argument("--bytecode", required=True)
    parser.add_argument("rest", nargs="*")
    options = parser.parse_args()
    sys.pycache_prefix = options.bytecode
    sys.path.insert(0, options.folder)
    if options.packages:
        sys.path.append(options.packages)
    os.chdir(options.folder)
    settings = (part for setting in SETTINGS for part in ("-o", setting))
    return int(pytest.main(["--rootdir", options.folder, "-p", FIXTURES, *settings, *options.rest]))


if __name__ == "__main__":
    sys.exit(main())
