"""The lock that comes with a plugin's content: read, judged, and made where it is missing.

What always holds of content that passed: it has a lock if and only if it requires something, the
lock covers all of that, and every file it leads to has a hash.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from yesman.model.errors import AuthorError, VerificationError
from yesman.package.lock import LARGEST, check_covers, decoded
from yesman.package.reading import LOCK, REQUIREMENTS, read_optional
from yesman.package.requirements import requirements_of
from yesman.package.trees import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.model.manifest import Manifest
    from yesman.package.uv import Uv


def checked_lock(wanted: Sequence[str], found: bytes) -> str:
    """Return the lock ``found``, if it belongs to the requirements ``wanted``.

    Raises:
        AuthorError: There is nothing to lock.
        VerificationError: It holds something else than hashed packages, or not all that is wanted.
    """
    if not wanted:
        raise AuthorError(f"{LOCK} locks packages, but nothing is required", "Its author must remove it")
    text = decoded(found)
    check_covers(text, wanted)
    return text


def lock_in(folder: Path, wanted: Sequence[str]) -> str | None:
    """Return the lock in ``folder``, None where there is none.

    Raises:
        AuthorError: It does not belong to the requirements ``wanted``.
    """
    found = read_optional(folder / LOCK, most=LARGEST)
    if found is None:
        return None
    try:
        return checked_lock(wanted, found)
    except VerificationError as error:
        raise AuthorError(f"{LOCK}: {error.message}", f"Remove {LOCK} to have it made anew") from error


def requirements_in(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """Return what the plugin in ``folder`` requires, by manifest and requirements.txt.

    Raises:
        AuthorError: A line is no plain requirement.
    """
    return requirements_of(manifest.dependencies, read_optional(folder / REQUIREMENTS))


async def ensure_lock(folder: Path, manifest: Manifest, uv: Uv) -> bool:
    """See to it that the plugin in ``folder`` has a lock if it requires anything; tell whether it was made.

    A lock that is there is never renewed: the author removes it when they want newer versions.

    Raises:
        AuthorError: The requirements cannot be satisfied, or the lock that is there does not fit.
        RemoteError: The package index cannot be asked.
        PlatformError: This machine is at fault; the lock cannot be written, say.
    """
    wanted = requirements_in(folder, manifest)
    if lock_in(folder, wanted) is not None or not wanted:
        return False
    with TemporaryDirectory(prefix="yesman-lock-") as work:
        text = await uv.lock(Path(work), wanted, everywhere=True)
    checked_lock(wanted, text.encode())
    with replacing(folder / LOCK) as draft:
        draft.write(text.encode())
    return True
