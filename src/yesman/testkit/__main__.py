"""pytest for one plugin, as ``yesman plugin test`` starts it.

What always holds: packages of the plugin come last on the path, so that they never take the place of what
yesman itself needs; nothing compiled is left in the plugin's folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any, Final

FIXTURES: Final = "yesman.testkit.fixtures"
SETTINGS: Final = ("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function")


class Outcomes:
    """Counts what came of the tests, as a plugin of pytest's."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("passed", "failed", "error", "skipped", "xfailed", "xpassed"), 0)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Take over what pytest has counted."""
        self.counts = {kind: len(terminalreporter.stats.get(kind, ())) for kind in self.counts}


def main() -> int:
    """Run the tests and return pytest's exit code."""
    options = _options()
    sys.pycache_prefix = options.bytecode
    sys.path.insert(0, options.folder)
    if options.packages:
        sys.path.append(options.packages)
    os.chdir(options.folder)
    settings = (part for setting in SETTINGS for part in ("-o", setting))
    arguments = ["--rootdir", options.folder, "-p", FIXTURES, *settings, *options.rest]
    return _told_as_json(arguments) if options.json else _run(arguments)


def _run(arguments: list[str], *plugins: object) -> int:
    import pytest  # noqa: PLC0415 - it may be among the packages that were put on the path only now

    return int(pytest.main(arguments, plugins=plugins))


def _told_as_json(arguments: list[str]) -> int:
    """Run them with all that they print on stderr, and print what came of them as JSON."""
    sys.stdout.flush()
    told = os.dup(1)
    os.dup2(2, 1)
    outcomes = Outcomes()
    code = _run(arguments, outcomes)
    with open(told, "w", encoding="ascii") as out:  # noqa: PTH123 - a descriptor, not a path
        out.write(json.dumps({"exit_code": code, **outcomes.counts}) + "\n")
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m yesman.testkit")
    parser.add_argument("--folder", required=True)
    parser.add_argument("--packages", default="")
    parser.add_argument("--bytecode", required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("rest", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
