"""Finished scans, kept by what was scanned and with which rules: the same is not looked at twice.

What always holds: a scan that failed is not kept; what cannot be read back exactly was never there.
Killed at any moment, the folder holds whole scans only.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from yesman.model.errors import YesmanError
from yesman.package.trees import replacing
from yesman.scan.model import Outcome, Scan, verdict_of

if TYPE_CHECKING:
    from pathlib import Path

MOST: Final = 500
"""Scans that are kept; the oldest go first."""
LARGEST: Final = 4 << 20


class KeptScans:
    """Scans in a folder of our own state; None keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, content: str, rules: str) -> Scan | None:
        """Return the scan of this content with these rules, if it was kept."""
        if self._folder is None:
            return None
        with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            with self._path(self._folder, content, rules).open("rb") as file:
                scan = msgspec.json.decode(file.read(LARGEST), type=Scan)
            whole = scan.verdict is verdict_of(scan.scanners, scan.findings)
            return scan if whole and (scan.content, scan.rules) == (content, rules) else None
        return None

    def keep(self, scan: Scan) -> None:
        """Keep a scan, unless something failed; what cannot be written is not kept."""
        if self._folder is None or any(each.outcome is Outcome.FAILED for each in scan.scanners):
            return
        with suppress(OSError, YesmanError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self._path(self._folder, scan.content, scan.rules)) as draft:
                draft.write(msgspec.json.encode(scan))
            found = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for old in found[:-MOST]:
                old.unlink(missing_ok=True)

    @staticmethod
    def _path(folder: Path, content: str, rules: str) -> Path:
        return folder / f"{hashlib.sha256(f'{content} {rules}'.encode()).hexdigest()[:32]}.json"
