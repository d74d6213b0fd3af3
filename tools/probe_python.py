"""Says whether the interpreter that runs this file can serve as the base of `.venv`.

Prints one line: `any PATH` when every user of the machine may run it, `own PATH` when it
lies below a directory that only some may enter (a private home, say). Exits 1 when the
version is too old. Plain old syntax on purpose: a too old interpreter must get far enough
to say so. Standard library only.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

OLDEST = (3, 11)


def open_to_all(path: str) -> bool:
    """Tell whether any user may read `path` and enter each directory above it."""
    real = Path(path).resolve()
    return bool(real.stat().st_mode & stat.S_IROTH) and all(
        directory.stat().st_mode & stat.S_IXOTH for directory in real.parents
    )


def main() -> int:
    """Print the verdict; return the exit code."""
    if sys.version_info[:2] < OLDEST:
        return 1
    # In an activated virtual environment the interpreter below it is the one that counts.
    base = getattr(sys, "_base_executable", None) or sys.executable
    standard_library = os.__file__
    usable = open_to_all(base) and open_to_all(standard_library)
    print("any" if usable else "own", base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
