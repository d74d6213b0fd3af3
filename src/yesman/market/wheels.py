"""Fetches what plugins require for a bundle: files by their digest, which the authors' locks name.

What always holds: a file has its name only when it has its digest; whoever is killed leaves a part that is
not looked at.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import urlopen

from yesman import durable
from yesman.market.questions import PARTIAL
from yesman.model.errors import RemoteError, VerificationError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from yesman.market.questions import Wheels
    from yesman.package.uv import Wheel

LARGEST_WHEEL: Final = 8 << 30
SILENT_SECONDS: Final = 60.0
_PIECE: Final = 1 << 20


def wheels_fetched(asked: Wheels) -> int:
    """Fetch files; return how many bytes these have.

    Raises:
        RemoteError: One cannot be had.
        VerificationError: One is not what it should be.
    """
    to = Path(asked.to)
    with durable.explained(to):
        to.mkdir(exist_ok=True)
        return sum(_wheel(wheel, to / wheel.name) for wheel in asked.files)


def _wheel(wheel: Wheel, path: Path) -> int:
    if path.is_file() and _digest(path) == wheel.sha256:
        return path.stat().st_size
    partial = path.with_name(f"{path.name}.{PARTIAL}")
    try:
        _download(wheel, partial)
        if _digest(partial) != wheel.sha256:
            raise VerificationError(f"{wheel.name} from the package index is not what was locked")
        _finish(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path.stat().st_size


def _finish(partial: Path, path: Path) -> None:
    """Give a file that is whole its name, durably, for everybody to read."""
    partial.chmod(0o644)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(path)
    durable.sync_folder(path.parent)


def _download(wheel: Wheel, partial: Path) -> None:
    if urlsplit(wheel.url).scheme not in {"https", "http", "file"}:
        raise RemoteError(f"{shown(wheel.url, 200)} is no address of a package")
    try:
        with urlopen(wheel.url, timeout=SILENT_SECONDS) as answer, partial.open("wb") as file:  # noqa: S310 - of these schemes only
            left = LARGEST_WHEEL
            while left > 0 and (piece := answer.read(_PIECE)):
                file.write(piece)
                left -= len(piece)
    except OSError as error:
        raise RemoteError(
            f"{wheel.name} cannot be got: {shown(str(error), 200)}", "Check the network, then try again"
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
