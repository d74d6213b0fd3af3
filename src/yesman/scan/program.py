"""The program that scans: takes a job from standard input, shuts itself in, and answers on standard output.

What always holds: everything of ours and the rules are loaded before the process is confined, so that
nothing but the standard library has to be readable afterwards; no byte of what is scanned is read before.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from yesman.model.limits import MIB, Limits
from yesman.sandbox.reader import confine_reader

LIMITS = Limits(data_bytes=1024 * MIB, cpu_seconds=20.0, open_files=64, file_bytes=64 * MIB)
"""A plugin of 300 kB takes 60 MiB and a third of a second."""


def main(_argument: str) -> None:
    """Do one job."""
    data = sys.stdin.buffer.read()
    sys.path += json.loads(data)["libraries"]
    import msgspec  # noqa: PLC0415 - found only now

    from yesman.scan import patterns, scanning  # noqa: PLC0415 - same
    from yesman.scan.job import Job  # noqa: PLC0415 - same

    job = msgspec.json.decode(data, type=Job)
    rules = patterns.kept(Path(job.kept) if job.kept else None, job.rules)
    _load_lazily_imported()
    read = [job.folder, *([job.advisories] if job.advisories else [])]
    confine_reader(read, parent=job.parent, interpreter=job.interpreter, limits=LIMITS)
    sys.stdout.buffer.write(msgspec.json.encode(scanning.scan(job, rules)))
    sys.stdout.flush()
    os._exit(0)  # freeing a million objects one by one is nobody's wish


def _load_lazily_imported() -> None:
    """Import what is imported on first use, while it can be read."""
    import encodings.idna  # noqa: F401, PLC0415
    import sqlite3  # noqa: F401, PLC0415

    with suppress(ImportError):  # then no names are compared, and the report says so
        import rapidfuzz.distance.DamerauLevenshtein  # noqa: PLC0415
        import rapidfuzz.process  # noqa: F401, PLC0415
