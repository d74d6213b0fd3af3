"""A package's content as a folder, for as long as it is looked at; nothing of it is kept."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from yesman import durable
from yesman.package.staging import staging
from yesman.package.unpacking import stage_package

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unpacked(package: Path, within: Path | None = None) -> Iterator[Path]:
    """Give the folder that holds what ``package`` does.

    Args:
        package: The file.
        within: Where to unpack it; made if need be. None: where temporary files are.

    Raises:
        YesmanError: It is no acceptable package, or there is no room.
    """
    within = within or Path(tempfile.gettempdir())
    with ExitStack() as held:
        with durable.explained(within):
            work = held.enter_context(staging(within))
        yield stage_package(package, work)[1].folder
