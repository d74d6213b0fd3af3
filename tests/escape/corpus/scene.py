"""What the attempts aim at: files, a listening port, processes, a terminal, secrets."""

from __future__ import annotations

import os
import pty
import secrets
import shutil
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

INSIDE = Path(__file__).parent / "inside"
FOLDERS = (
    "code/src", "data", "tmp", "packages/brought/__pycache__", "outside/empty", "state", "sibling/data",
    "readable", "writable",
)  # fmt: skip
ON_IMPORT = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
ANSWER = "done" if libc.open({secret!r}, 0) >= 0 else errno.errorcode[ctypes.get_errno()]
with open(f"{note}-{{os.getpid()}}", "w") as file:
    file.write(ANSWER)
os.replace(file.name, {note!r})
"""
"""What a module does that attempts something as soon as it is imported."""


@contextmanager
def scene(root: Path) -> Iterator[dict[str, Any]]:
    """Make everything below ``root``; yields the targets, by the names that attempts use."""
    _make_files(root)
    with ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        local = held.enter_context(socket.socket(socket.AF_UNIX))
        local.bind("")
        local.listen()
        served = held.enter_context(socket.socket(socket.AF_UNIX))
        served.bind(f"{root}/state/server.sock")
        served.listen()
        terminals = [_terminal(held) for _ in range(2)]
        victim = held.enter_context(subprocess.Popen(["sleep", "600"], cwd=root / "sibling/data"))
        held.callback(victim.kill)
        yield {
            **{name: f"{root}/{name}" for name in ("code", "data", "packages", "outside", "state", "mark")},
            "sibling_data": f"{root}/sibling/data",
            "host": os.getpid(), "zygote": victim.pid, "sibling": victim.pid, "victim": victim.pid,
            "port": listener.getsockname()[1], "abstract": local.getsockname()[1:].decode(),
            "terminal": terminals[0], "spare_terminal": terminals[1],
            "numbers": this_machine().numbers, "library": socket.__file__,
            "loader": f"/lib64/ld-linux-{os.uname().machine.replace('_', '-')}.so.2",
        }  # fmt: skip


def _terminal(held: ExitStack) -> str:
    main, side = pty.openpty()
    held.callback(os.close, main)
    held.callback(os.close, side)
    return os.ttyname(side)


def _make_files(root: Path) -> None:
    for name in FOLDERS:
        (root / name).mkdir(parents=True)
    for name in ("secret", "spare", "doomed", "moved", "swap"):
        (root / "outside" / name).write_text("secret")
    (root / "code/src/victim.py").write_text("")
    (root / "code/plugin.yaml").write_text("name: escape\n")
    for name in ("plugin_registry.json", "plugin_secrets.json", "secrets.key"):
        (root / "state" / name).write_text("{}")
    (root / "sibling/data/diary").write_text("secret")
    for file in INSIDE.glob("*.py"):
        shutil.copy(file, root / "code/src" / file.name)
    for name in ("brought_pth", "sitecustomize", "usercustomize", "colorsys"):
        text = ON_IMPORT.format(secret=os.fsencode(root / "outside/secret"), note=f"{root}/data/note-{name}")
        (root / "packages" / f"{name}.py").write_text(text)
    (root / "packages/brought.pth").write_text("import brought_pth\n")


def new_secret(kind: str) -> str:
    """Return a secret as ``corpus.table`` searches for it."""
    return f"{kind}-keeps-{secrets.token_hex(8)}"
