"""The server and the folders of the host's own tests, for tests that keep one server for many faults."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosted.folders import Plugins

from yesman.package import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serving(kind: Any, user: Path) -> Iterator[tuple[Any, Any]]:
    """Give a server that has not been started yet and what makes folders of plugins; leave nothing behind.

    Args:
        kind: :class:`hosted.server.Server` or a subclass.
        user: An empty folder, the user's.
    """
    home = Path(tempfile.mkdtemp(prefix="ymx", dir="/tmp"))  # short, because sockets must be
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    environ = {"HOME": str(user), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "SHELL": "/bin/sh"}
    server = kind(home, environ | offline)
    try:
        yield server, Plugins(user / "plugins")
    finally:
        kill = ["tmux", "-S", str(server.home.tmux_socket), "kill-server"]
        subprocess.run(kill, check=False, capture_output=True)  # first: its socket may go with the server
        server.stop()
        remove_tree(home)
