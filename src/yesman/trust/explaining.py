"""What The Update Framework's errors mean to a user, in one sentence each."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tuf.api import exceptions
from tuf.api.serialization import DeserializationError

from yesman.model.errors import PlatformError, RemoteError, VerificationError, YesmanError
from yesman.model.plain_text import shown
from yesman.trust.encoding import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yesman.trust.fetching import Fetched

POSING: Final = "Somebody may be posing as the registry: install nothing from it, and ask its operator"
LAGGING: Final = (
    "If this is a mirror, wait until it has caught up; otherwise tell the operator. Nothing was changed here"
)
FROZEN: Final = (
    "Check this computer's clock; if it is right, somebody may be holding updates back: ask the operator"
)
OMITTED: Final = "If this is a mirror, have it copied whole; otherwise tell the operator"


@contextmanager
def explained(fetched: Fetched, kept: Path | None = None) -> Iterator[None]:
    """Turn an error of python-tuf into a :class:`VerificationError` that says what is wrong with which file.

    Args:
        fetched: What came from the registry.
        kept: The folder of metadata that was verified before, if there is one.

    Raises:
        VerificationError: The registry's files are not what they should be.
        RemoteError: They could not be got.
        PlatformError: The folder cannot be read or written.
    """
    try:
        yield
    except exceptions.RepositoryError as error:
        raise _explanation(error, fetched, kept) from error
    except exceptions.DownloadHTTPError as error:
        raise VerificationError(
            f"the registry does not have {fetched.last}, which its metadata names", OMITTED
        ) from error
    except exceptions.DownloadError as error:
        raise RemoteError(
            f"{fetched.last} could not be got: {shown(str(error))}", "Try again later"
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlatformError(f"{kept} cannot be used: {reason}", "Mend the folder's permissions") from error
    except ValueError as error:  # what it raises for a role that nobody delegates to
        raise _malformed(fetched) from error


def _explanation(error: exceptions.RepositoryError, fetched: Fetched, kept: Path | None) -> YesmanError:
    said, file = shown(str(error), 120)[1:-1], f"the registry's {fetched.last}"
    if isinstance(error, DeserializationError):
        return _malformed(fetched)
    if isinstance(error, exceptions.ExpiredMetadataError):
        return _expired(said, fetched, kept)
    if any(sign in said for sign in _SIGNS_OF_ROLLBACK):
        message = f"{file} was rolled back: it is older than what the registry said before ({said})"
        return VerificationError(message, LAGGING)
    for kind, meaning, step in _MEANINGS:
        if isinstance(error, kind):
            return VerificationError(f"{file} {meaning} ({said})", step)
    return VerificationError(f"{file} does not fit the rest of the registry's metadata ({said})", OPERATOR)


_SIGNS_OF_ROLLBACK: Final = (">=", ".json version", "missing info")
"""python-tuf has one kind of error for every wrong version; these are its words for an older one."""
_MEANINGS: Final = (
    (exceptions.UnsignedMetadataError, "is signed by too few of the keys that must sign it", POSING),
    (exceptions.LengthOrHashMismatchError, "is not what the registry's metadata says", POSING),
    (exceptions.BadVersionNumberError, "is not of the version that the registry's metadata names", LAGGING),
)


def _malformed(fetched: Fetched) -> YesmanError:
    return VerificationError(f"the registry's {fetched.last} is not metadata of a registry", OPERATOR)


def expired(role: str, since: datetime | None) -> VerificationError:
    """Return what is said of metadata that nobody has signed anew."""
    when = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    return VerificationError(f"the registry's metadata '{role}' is expired{when}", FROZEN)


def _expired(said: str, fetched: Fetched, kept: Path | None) -> VerificationError:
    """Say since when the role is expired that the error names: its signature was good, so its date is."""
    found = re.search(r"(\S+?)(?:\.json)? is expired", said)
    role = found[1] if found else ""
    ends = (f".{role}.json", f"/{role}.json")
    texts = [data for path, data in fetched.documents.items() if path.endswith(ends)]
    if not texts and kept is not None and (kept / f"{role}.json").is_file():
        texts = [(kept / f"{role}.json").read_bytes()]
    return expired(
        role, datetime.fromisoformat(json.loads(texts[-1])["signed"]["expires"]) if texts else None
    )
