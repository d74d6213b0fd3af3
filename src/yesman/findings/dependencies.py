"""Can the requirements be resolved? Asked of the package index, unless a lock says so already."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from yesman.findings.rules import finding
from yesman.model.errors import AuthorError, YesmanError
from yesman.package.locking import lock_in, requirements_in
from yesman.package.reading import REQUIREMENTS

if TYPE_CHECKING:
    from yesman.findings.rules import Finding
    from yesman.model.manifest import Manifest
    from yesman.package.uv import Uv


async def unresolved(folder: Path, manifest: Manifest, uv: Uv | None) -> list[Finding]:
    """Return why the requirements of a sound folder cannot be resolved; without ``uv`` nobody is asked.

    What keeps them from being resolved here (no network, no uv) is a finding too: they were not checked.
    """
    wanted = requirements_in(folder, manifest)
    if not wanted or lock_in(folder, wanted) is not None:
        return []
    if uv is None:
        return [_unchecked("as was asked for", "Leave out --offline")]
    try:
        with TemporaryDirectory(prefix="yesman-lock-") as work:
            await uv.lock(Path(work), wanted, everywhere=True)
    except AuthorError as error:
        return [finding("dependencies", REQUIREMENTS, 0, error.message, error.next_step)]
    except YesmanError as error:
        return [_unchecked(error.message, error.next_step)]
    return []


def _unchecked(why: str, fix: str) -> Finding:
    message = f"It was not checked whether the requirements can be resolved: {why}"
    return finding("dependencies-unchecked", REQUIREMENTS, 0, message, fix)
