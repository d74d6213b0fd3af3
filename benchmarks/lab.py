"""The place a run happens in: a short temporary folder, and everything that must be ended with it.

Nothing outside the folder is written; leaving the lab ends every process it was told of.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from benchmarks.machine import Others, Taken

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PYTHON = sys.executable
"""The interpreter of this environment, which has yesman and the peers."""
BARE_PYTHON = str(Path(sys.executable).resolve())
"""The one beneath it."""
KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
KEPT_HOMES = "home "
"""Keys of what is only made, not measured, begin so."""
KEPT_PREFIXES = ("UV_", "PIP_")


class Lab:
    """One run.

    Args:
        quick: Repeat less.
    """

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self._stack = ExitStack()
        self._known: dict[str, Any] = {}
        self._failed: dict[str, Exception] = {}
        self._others: dict[str, Taken] = {}
        self._used: set[str] = set()
        self.root = Path()

    def __enter__(self) -> Self:
        self.root = Path(tempfile.mkdtemp(prefix="yb-", dir="/tmp"))
        self._stack.callback(shutil.rmtree, self.root, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def finally_do(self, action: Callable[[], object]) -> None:
        """Do ``action`` when the lab is left."""
        self._stack.callback(action)

    def times(self, full: int, quick: int | None = None) -> int:
        """Return how often to repeat something: ``full``, or in a quick run ``quick`` or a fifth."""
        return full if not self.quick else quick or max(5, full // 5)

    def once(self, key: str, measure: Callable[[Lab], T]) -> T:
        """Return what ``measure`` returns, measured on first need and shared by all rows; so is a failure."""
        self._used.add(key)
        if key in self._failed:
            raise self._failed[key]
        if key not in self._known:
            gc.collect()
            others = Others()
            try:
                self._known[key] = measure(self)
            except Exception as error:
                self._failed[key] = error
                raise
            self._others[key] = others.taken()
        found: T = self._known[key]
        return found

    def begin_row(self) -> None:
        """Note from now on what the row uses."""
        self._used.clear()

    def others(self) -> Taken | None:
        """Return what others took while what the row used was measured; None when it used nothing."""
        parts = [self._others[key] for key in self._used if not key.startswith(KEPT_HOMES)]
        return Taken.together(parts) if parts else None

    def forget_row(self) -> None:
        """Forget what the row has used, so that it is measured again."""
        for key in [key for key in self._used if not key.startswith(KEPT_HOMES)]:
            self._known.pop(key, None)

    def folder(self, name: str) -> Path:
        """Make and return a folder of the lab."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def environment(self, home: Path | None = None) -> dict[str, str]:
        """Return the environment of a child: the user's index settings, a home folder of ours."""
        kept = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith(KEPT_PREFIXES)}
        kept["HOME"] = str(self.folder("home"))
        kept["YESMAN_HOME"] = str(home or self.root / "none")
        return kept
