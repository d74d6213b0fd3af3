"""A marketplace's server as ``yesman market serve`` runs it; a description names the scan's verdict."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from yesman.marketplace.limits import LIMITS, Limits
from yesman.marketplace.place import MarketFolder
from yesman.marketplace.running import run
from yesman.marketplace.seams import Verdict

GENEROUS = Limits(
    reads=1e6, reads_burst=10**6, writes=1e6, writes_burst=10**6, failures=1e6, failures_burst=10**6
)
WORDS = {"suspicious": "quarantined", "odd": "warned", "evil": "refused"}


class Described:
    """Judges by a word of the description; nothing is looked at."""

    def scan(self, package, file):  # noqa: ARG002 - as a scanner has it
        for word, outcome in WORDS.items():
            if word in package.manifest.description:
                return Verdict(outcome, (f"It calls itself {word}",))
        if os.environ.get("KILLED_IN_SCAN"):
            os.kill(os.getpid(), 9)
        return Verdict("passed")


def limits():
    if seconds := os.environ.get("READ_SECONDS"):
        return msgspec.structs.replace(LIMITS, read_seconds=float(seconds))
    return LIMITS if os.environ.get("REAL_LIMITS") else GENEROUS


def main() -> None:
    folder = MarketFolder(Path(sys.argv[1]))
    run(
        folder, folder.read(), "127.0.0.1", 0, scanner=Described(),
        limits=limits(),
        ready=lambda base: print(base, flush=True),  # noqa: T201 - for the tests
    )  # fmt: skip


if __name__ == "__main__":
    main()
