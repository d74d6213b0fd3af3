"""A package is taken in: into a file of ours, as it comes, counted and timed.

What always holds: no more is written than a package may have; who sends nothing for a while, or too
slowly overall, is told so; as many are taken in at once as there are places; and the file is gone afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.marketplace.refusals import TooLargeError, TooSlowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Request

    from yesman.marketplace.api.parts import Parts


@asynccontextmanager
async def received(request: Request[Any, Any, Any], parts: Parts) -> AsyncIterator[Path]:
    """Give the file that holds the request's body.

    Raises:
        TooLargeError: It has more bytes than a package may.
        TooSlowError: It stopped, or took too long.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and len(declared) < 20 and int(declared) > parts.limits.package:  # noqa: PLR2004 - digits of 2**64
        raise _too_large(parts)
    async with parts.places:
        # Without a name: whoever kills us leaves nothing behind, and servers may share the folder.
        with tempfile.TemporaryFile(dir=parts.spool) as file:
            try:
                async with asyncio.timeout(parts.limits.upload):
                    await _copy(request, file, parts)
            except TimeoutError:
                raise TooSlowError("The package came too slowly", "Try again on a better line") from None
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")


async def _copy(request: Request[Any, Any, Any], file: Any, parts: Parts) -> None:
    stream, size = request.stream(), 0
    while True:
        async with asyncio.timeout(parts.limits.silence):
            piece = await anext(stream, None)
        if piece is None:
            return
        size += len(piece)
        if size > parts.limits.package:
            raise _too_large(parts)
        file.write(piece)


def _too_large(parts: Parts) -> TooLargeError:
    most = parts.limits.package
    return TooLargeError(f"A package has at most {most} bytes", "Leave out what it does not need")
