"""The scanner that a marketplace uses: the one that every install uses, on what is published."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from yesman.marketplace.seams import Verdict
from yesman.model.errors import YesmanError
from yesman.package.staging import sweep
from yesman.scan.confined import Known, Scans
from yesman.scan.model import Outcome
from yesman.scan.unpacked import unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.package.unpacking import Package

MOST_REASONS: Final = 50


class PackageScanner:
    """Scans packages, each in a confined process.

    Args:
        kept: A folder of the marketplace's own for compiled rules and finished scans.
        advisories: The database of known vulnerabilities; need not exist.
    """

    def __init__(self, kept: Path, advisories: Path) -> None:
        sweep(kept)
        self._kept = kept
        self._scans = Scans(kept, Known(advisories=advisories))

    def scan(self, package: Package, file: Path) -> Verdict:
        """Return what was found in ``file``, which holds ``package``; a scan that fails is a quarantine."""
        try:
            with unpacked(file, self._kept) as folder:
                scan = asyncio.run(self._scans.scan(folder, package.digest))
        except YesmanError as error:
            return Verdict("quarantined", (f"it could not be scanned: {error.message}",))
        silent = [each for each in scan.scanners if each.outcome is Outcome.FAILED]
        failed = [f"the scanner '{each.name}' failed: {each.why}" for each in silent]
        found = [f"{f.level.value}: {f.place}: {f.message} [{f.rule}]" for f in scan.findings]
        return Verdict(scan.verdict.value, tuple((failed + found)[:MOST_REASONS]))
