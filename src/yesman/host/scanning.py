"""Whatever is to be installed is scanned before anything of it runs; advice, that only the user may overrule.

What always holds: what could not be scanned waits like what was found wanting; nothing of a package is kept
for having been looked at.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING, Final

from yesman import durable
from yesman.host.incoming import is_package
from yesman.model.errors import VerificationError
from yesman.package import staging
from yesman.scan.confined import Known, Scans
from yesman.scan.model import Outcome, Scan, Verdict
from yesman.scan.unpacked import unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.model.home import Home

WAITS: Final = frozenset({Verdict.QUARANTINED, Verdict.REFUSED})
"""What is not installed unless the user says so all the same."""
_SHOWN: Final = 3


class Scanning:
    """Scans folders and packages.

    Args:
        home: Where state lives: what was compiled and found before, and known vulnerabilities.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._scans = Scans(home.scans, Known(advisories=home.advisories))

    def sweep(self) -> None:
        """Remove what killed scans have left."""
        staging.sweep(self._home.scans)
        durable.sweep(self._home.scans / "*")

    async def of(self, path: Path, digest: str) -> Scan:
        """Return what is found in the folder or package at ``path``, whose content has that ``digest``.

        Raises:
            YesmanError: It is neither, or cannot be read.
        """
        if not await to_thread(is_package, path):
            return await self._scans.scan(path, digest)
        content = unpacked(path, self._home.scans)
        folder = await to_thread(content.__enter__)
        try:
            return await self._scans.scan(folder, digest)
        finally:
            await to_thread(content.__exit__, None, None, None)


def check(scan: Scan, name: str, despite: str) -> None:
    """Refuse what was found wanting, or could not be looked at, unless the user was told and overruled it.

    Args:
        scan: What was found.
        name: The plugin.
        despite: The verdict that the user was shown and goes on despite of, or "".

    Raises:
        VerificationError: It says what was found, and how to go on.
    """
    if scan.verdict not in WAITS or despite == scan.verdict:
        return
    found = "; ".join(f"{f.place}: {f.message}" for f in scan.findings[:_SHOWN])
    failed = "; ".join(f"{s.name}: {s.why}" for s in scan.scanners if s.outcome is Outcome.FAILED)
    raise VerificationError(
        f"the scan of plugin '{name}' ended with '{scan.verdict}' ({found or failed})",
        "Look at what was found: yesman plugin scan; to install it all the same, add --despite-scan",
    )
