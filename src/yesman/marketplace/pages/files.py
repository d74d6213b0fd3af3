"""Files that pages need: our own style sheet and mark, and icons that came in packages.

What always holds: an icon is found by its digest, was recognised by its bytes when it was published, is sent
with the type that was recognised, and is a document without any rights if somebody opens it as one.
"""

from __future__ import annotations

import re
from typing import Final

from litestar import Response, get

from yesman.marketplace import profiles
from yesman.marketplace.api.parts import Wired, in_thread
from yesman.marketplace.pages.site import HEADERS, STATIC
from yesman.marketplace.pages.visiting import At
from yesman.marketplace.pictures import MEDIA
from yesman.model.errors import NotFoundError
from yesman.web.headers import FOREVER

_ICON: Final = re.compile(r"([0-9a-f]{64})\.(png|jpeg|webp|gif)", re.ASCII)
_ICON_HEADERS: Final = {
    **HEADERS,
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "public, max-age=86400",
}


@get("/static/{digest:str}/{file:str}", include_in_schema=False)
async def static(at: At, digest: str, file: str) -> Response[bytes]:  # noqa: ARG001 - only makes it new
    """Return one of our own files."""
    if file not in STATIC:
        raise _missing()
    headers = {**HEADERS, "cache-control": FOREVER}
    return Response(at.site.static[file], headers=headers, media_type=STATIC[file])


@get("/icons/{file:str}", include_in_schema=False)
@in_thread
def icon(parts: Wired, file: str) -> Response[bytes]:
    """Return the icon of a release that readers may see."""
    match = _ICON.fullmatch(file)
    if match is None:
        raise _missing()
    with parts.database.reading() as connection:
        found = profiles.icon(connection, match[1])
    if found is None or found.kind != match[2]:
        raise _missing()
    return Response(found.data, headers=_ICON_HEADERS, media_type=MEDIA[found.kind])


def _missing() -> NotFoundError:
    return NotFoundError("There is no such file", "Go back to the search")
