"""The control: the attempts once more, in a sandbox that has nothing but resource limits.

The design that was asked for before this one: a forked process with limits on memory, processor
time, descriptors and core dumps, a lower priority, and its result as a pickled object. Not
imported: started by path with the interpreter that plugins run on, in a mount namespace of
its own where that is possible. Reads ``{targets, codes}``, prints ``{name: answer}``.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 100 << 20
CPU_SECONDS = 10
OPEN_FILES = 50
WAIT_SECONDS = 20.0
AT_ONCE = 4
PRIVATE_RECURSIVELY = 0x44000
NAMESPACES = 0x20000 | 0x4000000 | 0x8000000  # mounts, names, System V objects
SECRETS: list[str] = []


def limit() -> None:
    """Apply what this sandbox has."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)


def worker(code: str, channel: Any) -> None:
    """Try one attempt and send its answer."""
    from src import prelude  # noqa: PLC0415 - the plugin's code is loaded inside, as it would be

    limit()
    channel.send(prelude.answer(code))


class Running:
    """One attempt in its process."""

    def __init__(self, name: str, code: str) -> None:
        self.name = name
        self._channel, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=worker, args=(code, theirs))
        self._process.start()
        theirs.close()

    def answer(self, mark: Path) -> str:
        """Wait for the answer; whatever the result did to this process on arrival counts as well."""
        said: Any = "timeout"
        try:
            if self._channel.poll(WAIT_SECONDS):
                said = self._channel.recv()
        except EOFError:
            self._process.join(WAIT_SECONDS)
            said = self._ended()
        self._process.kill()
        self._process.join()
        if mark.exists():
            mark.unlink()
            return "done"
        return said if isinstance(said, str) else "returned"

    def _ended(self) -> str:
        code = self._process.exitcode or 0
        return signal.Signals(-code).name if code < 0 else f"exited with {code}"


def apart() -> None:
    """Leave the machine's mounts, names and System V objects, where that is permitted."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NAMESPACES) == 0:
        libc.mount(None, b"/", None, PRIVATE_RECURSIVELY, None)


def main() -> None:
    """Run what standard input asks for."""
    request = json.load(sys.stdin)
    targets = request["targets"]
    sys.path[:0] = [targets["packages"], targets["code"]]
    SECRETS.extend(os.environ.pop(name) for name in ("ESCAPE_SERVER", "ESCAPE_SIBLING"))
    from src import prelude  # noqa: PLC0415 - its place is known only now

    prelude.T.update(targets, host=os.getpid(), zygote=os.getpid(), context=None)
    apart()
    answers: dict[str, str] = {}
    waiting = list(request["codes"].items())
    while waiting:
        now = [Running(name, code) for name, code in waiting[:AT_ONCE]]
        del waiting[:AT_ONCE]
        answers |= {running.name: running.answer(Path(targets["mark"])) for running in now}
    print(json.dumps(answers))  # noqa: T201 - its output


if __name__ == "__main__":
    main()
