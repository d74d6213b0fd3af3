"""One signed document at a time: its kind, its signatures, and the chain of roots. No I/O of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from tuf.api import exceptions
from tuf.api.metadata import Metadata, Root, Signed, Targets

from yesman.model.errors import VerificationError
from yesman.trust.encoding import check_size
from yesman.trust.limits import LIMITS
from yesman.trust.roles import ROOT, metadata_path

if TYPE_CHECKING:
    from collections.abc import Callable

    Read: TypeAlias = Callable[[str, int], bytes | None]
    """Gives the file at a path, at most so many bytes of it, or None where there is none."""

S = TypeVar("S", bound=Signed)


def document(data: bytes, kind: type[S], role: str, delegator: Root | Targets) -> S:
    """Return what is signed in ``data``.

    Raises:
        tuf.api.exceptions.RepositoryError: It is of another kind, or not signed as ``delegator`` demands.
    """
    found: Metadata[Any] = Metadata.from_bytes(data)
    if not isinstance(found.signed, kind):
        raise exceptions.RepositoryError(f"expected {kind.type}, got {found.signed.type}")
    delegator.verify_delegate(role, found.signed_bytes, found.signatures)
    return found.signed


def first_root(data: bytes) -> Root:
    """Return a root that vouches for itself alone.

    Raises:
        VerificationError: It is too large.
        tuf.api.exceptions.RepositoryError: It is no root, or has too few of its own signatures.
    """
    check_size(data, what="the root file", most=LIMITS.root_bytes)
    found: Metadata[Any] = Metadata.from_bytes(data)
    if not isinstance(found.signed, Root):
        raise exceptions.RepositoryError(f"expected root, got {found.signed.type}")
    found.signed.verify_delegate(ROOT, found.signed_bytes, found.signatures)
    return found.signed


def following_root(data: bytes, root: Root) -> Root:
    """Return the root after ``root``, which must be signed by enough of the keys of both.

    Raises:
        tuf.api.exceptions.RepositoryError: It is not.
    """
    new = document(data, Root, ROOT, root)
    new = document(data, Root, ROOT, new)
    if new.version != root.version + 1:
        raise exceptions.BadVersionNumberError(f"expected root version {root.version + 1}, got {new.version}")
    return new


def latest_root(read: Read, pinned: bytes) -> Root:
    """Follow the roots from ``pinned`` to the last.

    Raises:
        VerificationError: There are more than anybody could need.
        tuf.api.exceptions.RepositoryError: One of them is not signed as it must be.
    """
    root = first_root(pinned)
    for _ in range(LIMITS.roots):
        data = read(metadata_path(ROOT, root.version + 1), LIMITS.root_bytes)
        if data is None:
            return root
        root = following_root(data, root)
    raise too_many_roots()


def too_many_roots() -> VerificationError:
    """Return what is said of a registry whose root changed more often than we follow."""
    return VerificationError(
        f"the registry's root changed more than {LIMITS.roots} times since the one that is trusted here",
        "Get its present root file from the operator and add the registry again",
    )
