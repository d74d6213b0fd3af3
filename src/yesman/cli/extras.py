"""What is not in the base install, asked for before anything of it is imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from yesman.cli.terminal import plain
from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterable


def require(extra: str, what: str, libraries: Iterable[str]) -> None:
    """Refuse to go on without the libraries of an extra.

    Args:
        extra: Its name.
        what: Who needs it; begins the sentence.
        libraries: The modules that it brings.

    Raises:
        PlatformError: One of them is missing; says how to install it.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - help needs none of this

    missing = [name for name in libraries if find_spec(name) is None]
    if missing:
        python = plain(sys.executable)
        raise PlatformError(
            f"{what} needs what is not installed here: {', '.join(missing)}",
            f"Install it: uv pip install --python {python} 'yesman[{extra}]'",
        )
