"""Fetches a package: what the registry says it is, and what its author signed, or nothing.

What always holds of a file in the folder of packages: its name is the digest of its bytes, it was read by
our own reader, its author's signature was verified against keys that own the name, and every field that
the registry's signed index has of it was compared. Killed at any instant, this leaves a file that is
not looked at and swept away the next time; a file that was damaged since is fetched again.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final

from yesman import durable
from yesman.market.questions import PARTIAL
from yesman.model.errors import NotFoundError, PlatformError, VerificationError
from yesman.package.permitted import LIMITS
from yesman.package.staging import staging, sweep
from yesman.package.unpacking import read_package
from yesman.trust.signed import verified
from yesman.trust.statement import Facts

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from yesman.trust.fetching import Fetch
    from yesman.trust.index import PluginIndex, Release
    from yesman.trust.signed import Signed

LARGEST_ENVELOPE: Final = 256 * 1024
OPERATOR: Final = "Do not install it; tell the registry's operator"


def package_path(packages: Path, sha256: str) -> Path:
    """Return where the package with that digest is kept."""
    return packages / f"{sha256}.yplug"


def fetch_release(  # noqa: PLR0917 - all of what it is judged by
    fetch: Fetch, packages: Path, index: PluginIndex, release: Release, owners: Collection[str], pin: str
) -> Signed:
    """Fetch and verify ``release``; it is at :func:`package_path` then. Return who signed it.

    Args:
        fetch: Gets the registry's files.
        packages: The folder for packages.
        index: What is published of the plugin.
        release: Of it, this.
        owners: The keyids that own the name, as the registry's offline keys say; none where they do not.
        pin: The keyid that signed what is installed, or "".

    Raises:
        VerificationError: It is not what the registry and its author say.
        RemoteError: The registry cannot be reached.
        YesmanError: It is no acceptable package.
    """
    path = package_path(packages, release.sha256)
    if not _is_there(path, release):
        _download(fetch, f"packages/{release.sha256}.yplug", release, path)
    envelope = _envelope(fetch, release)
    facts = Facts.of(read_package(path))
    _compare(index.name, facts, release)
    # Online keys sign which keys are listed: whoever steals them can list one of their own, even one that
    # names the owner's as its successor. Who owns the name is signed offline.
    signed = verified(facts, envelope, index.keys, pin, owners=owners)
    if signed.signer != release.signer:
        raise VerificationError(
            f"{index.name} {release.version} is signed by {signed.signer}, not as listed", OPERATOR
        )
    return signed


def _is_there(path: Path, release: Release) -> bool:
    """Tell whether the package of ``release`` is at ``path``, as it was when it was fetched."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == release.sha256
    except FileNotFoundError:
        return False
    except OSError as error:
        raise PlatformError(f"{path} cannot be read: {error.strerror}", "Remove it") from error


def _download(fetch: Fetch, where: str, release: Release, path: Path) -> None:
    """Put what is at ``where`` to ``path`` if it has the length and digest that ``release`` says."""
    if release.length > LIMITS.packed:
        raise VerificationError(
            f"the registry's index says that {where} has {release.length} bytes, and a package may have "
            f"{LIMITS.packed}",
            OPERATOR,
        )
    digest, length = hashlib.sha256(), 0
    with durable.explained(path):
        sweep(path.parent)
        with staging(path.parent) as stage:
            partial = stage / PARTIAL
            with partial.open("xb", buffering=0) as file:
                for piece in fetch(where, release.length):
                    length += len(piece)
                    if length > release.length:
                        break
                    digest.update(piece)
                    file.write(piece)
                _check(where, length, digest.hexdigest(), release)
                os.fsync(file.fileno())
            partial.rename(path)
        durable.sync_folder(path.parent)


def _check(where: str, length: int, sha256: str, release: Release) -> None:
    if length != release.length:
        kind = "longer" if length > release.length else "shorter"
        raise VerificationError(
            f"the registry's {where} is {kind} than the {release.length} bytes that its index says", OPERATOR
        )
    if sha256 != release.sha256:
        raise VerificationError(f"the registry's {where} is not the package that its index names", OPERATOR)


def _envelope(fetch: Fetch, release: Release) -> bytes | None:
    where, content = f"packages/{release.envelope}.dsse", bytearray()
    try:
        for piece in fetch(where, LARGEST_ENVELOPE):
            content += piece
            if len(content) > LARGEST_ENVELOPE:
                raise VerificationError(f"the registry's {where} is longer than a signature can be", OPERATOR)
    except NotFoundError:
        return None
    if hashlib.sha256(content).hexdigest() != release.envelope:
        raise VerificationError(f"the registry's {where} is not the signature that its index names", OPERATOR)
    return bytes(content)


def _compare(name: str, facts: Facts, release: Release) -> None:
    """Refuse a package of which the registry's index tells something else than it is."""
    said = {
        "name": name,
        "version": release.version,
        "sha256": release.sha256,
        "content": release.content,
        "permissions": release.permissions,
    }
    for field, value in said.items():
        if getattr(facts, field) != value:
            raise VerificationError(
                f"the package of {name} {release.version} has another {field} than the registry's index says",
                OPERATOR,
            )
