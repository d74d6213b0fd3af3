"""Where a server of ours listens, as it is typed."""

from __future__ import annotations

from yesman.cli.terminal import plain
from yesman.model.errors import UsageError


def address(listen: str, like: str) -> tuple[str, int]:
    """Return host and port of ``listen``.

    Raises:
        UsageError: It is not of that form; ``like`` is.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) >= 1 << 16:
        raise UsageError(f"'{plain(listen)}' is not HOST:PORT", f"Use one like {like}")
    return host.strip("[]"), int(port)
