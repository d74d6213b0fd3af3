"""What is got from a registry: at most as much as asked for, and not nested beyond reason.

What always holds: nothing reaches a parser from here that is longer than its limit, and who
delivers endlessly is left at the first byte too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from yesman.model.errors import NotFoundError, RemoteError, VerificationError
from yesman.trust.encoding import OPERATOR, check_size

if TYPE_CHECKING:
    from collections.abc import Iterable


class Fetch(Protocol):
    """Gets one file of a registry, over whatever there is."""

    def __call__(self, path: str, limit: int) -> Iterable[bytes]:
        """Return the file in pieces.

        Args:
            path: Below the registry's base; a relative path with ``/``, already safe.
            limit: How many bytes will be read at most; more need not be got.

        Raises:
            NotFoundError: The registry does not have it.
            RemoteError: The registry cannot be reached.
        """


class Fetched:
    """Gets files within limits and remembers them, so that what is wrong with one can be said.

    Args:
        fetch: Gets them.

    Attributes:
        last: The path of the last one that was asked for.
        documents: All that came, by path.
        received: Bytes that came.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.last = ""
        self.documents: dict[str, bytes] = {}
        self.received = 0

    def __call__(self, path: str, limit: int) -> bytes | None:
        """Return a whole file, or None where there is none.

        Raises:
            VerificationError: It is longer than ``limit``, or nested beyond reason.
            RemoteError: The registry cannot be reached.
        """
        self.last = path
        content = bytearray()
        try:
            for piece in self._fetch(path, limit):
                content += piece
                self.received += len(piece)
                if len(content) > limit:
                    raise VerificationError(
                        f"the registry's {path} is longer than the {limit} bytes that it may have", OPERATOR
                    )
        except NotFoundError:
            return None
        except OSError as error:  # of a connection that broke
            reason = error.strerror or str(error)
            raise RemoteError(f"{path} could not be got: {reason}", "Try again later") from error
        data = bytes(content)
        check_size(data, what=f"the registry's {path}", most=limit)
        self.documents[path] = data
        return data

    def forget(self) -> None:
        """Let go of what came, which was of use while something might have been wrong with it."""
        self.documents.clear()
