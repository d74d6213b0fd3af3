"""How much a plugin keeps on the disk, measured against its quota while it runs.

Counted are blocks, not lengths, of everything in its own folders, each file once however many names it
has, and :data:`ENTRY_BYTES` for each name, so that empty files and links count as well; and files that
have no name any more but are held open or mapped. One plugin is measured at a time, in a thread, with
rests in proportion to its size: a plugin with very many files costs us no more than others. Whoever takes
longer than a turn is measured beside the others from then on. The work is bounded by the quota itself,
since each name counts, and whoever cannot be measured counts as over it.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from yesman.runtime import nameless
from yesman.runtime.accounts import cpu_seconds
from yesman.runtime.aside import aside
from yesman.runtime.exceeded import too_much_disk, unclear_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from yesman.model.limits import Limits
    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.watch import Account
    from yesman.sandbox.policy import Policy

ENTRY_BYTES = 4096
BLOCK_BYTES = 512
"""The unit of ``st_blocks``, whatever the file system."""
DEEPEST = 64
"""Folders within folders; what lies deeper is not looked for, and counts as more than any quota."""
LOOK_SECONDS = 1.0
REST = 50
"""Times the work of measuring before it is done again."""
BREATH = 4
"""Times the work of a part that measuring pauses before the next."""
PART = 256
TURN_SECONDS = 5.0
"""How long others wait for one that is measured."""
LONGEST_SECONDS = 600.0
"""For one measurement; a slow disk needs some minutes for as many entries as the usual quota allows."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_HANDLE = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Tally:
    """What was counted so far; stops being exact once it is beyond ``enough``.

    ``unclear`` says why it cannot be told, for the middle of a sentence; or "".
    """

    enough: int
    used: int = 0
    entries: int = 0
    work: float = 0.0
    given_up: bool = False
    unclear: str = ""
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def add(self, found: os.stat_result) -> None:
        """Count one file or folder, unless it was counted under another name."""
        self.entries += 1
        self.used += ENTRY_BYTES
        if found.st_nlink != 1 and not stat.S_ISDIR(found.st_mode):
            if (found.st_dev, found.st_ino) in self._seen:
                return
            self._seen.add((found.st_dev, found.st_ino))
        self.used += found.st_blocks * BLOCK_BYTES

    def knows(self, device: int, inode: int) -> bool:
        """Tell whether a file without exactly one name has been counted."""
        return (device, inode) in self._seen

    @property
    def full(self) -> bool:
        """Whether it is too much already, cannot be told, or nobody wants to know any more."""
        return self.used > self.enough or self.given_up or bool(self.unclear)


def measure(
    folders: Sequence[str],
    limits: Limits,
    pids: Iterable[int] = (),
    *,
    hurry: bool = False,
    tally: Tally | None = None,
) -> Tally:
    """Return what ``folders`` hold and what the processes ``pids`` keep there without a name.

    Meant for a thread; ``hurry`` leaves out the pauses, and giving up ``tally`` ends it early.
    """
    tally, devices = tally or Tally(limits.disk_bytes), set()
    began, rested = time.monotonic(), 0.0
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, _FOLDER)
            devices.add(os.fstat(descriptor).st_dev)
            for _ in _below(descriptor, tally, 1):
                if not hurry and tally.entries % PART == 0:
                    pause = BREATH * (time.monotonic() - began - rested) * PART / tally.entries
                    time.sleep(pause)
                    rested += pause
                if tally.full:
                    break
    for pid in pids:
        nameless.count(pid, devices, limits.file_bytes, tally)
    tally.work = time.monotonic() - began - rested
    return tally


def _below(folder: int, tally: Tally, depth: int) -> Iterator[None]:
    """Count everything below the open ``folder``, which is closed at the end; yield after each entry."""
    try:
        if depth > DEEPEST:
            tally.used += tally.enough
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    found = _looked_at(entry, folder)
                    tally.add(found)
                    if stat.S_ISDIR(found.st_mode):
                        yield from _below(_opened(entry.name, folder), tally, depth + 1)
                except (FileNotFoundError, NotADirectoryError):  # removed or exchanged meanwhile
                    pass
                except OSError as error:
                    tally.unclear = tally.unclear or f"a folder cannot be looked into: {error.strerror}"
                yield
    finally:
        os.close(folder)


def _looked_at(entry: os.DirEntry[str], within: int) -> os.stat_result:
    """Look at what lies in a folder; one made unsearchable, so that it would not count, is mended."""
    try:
        return entry.stat(follow_symlinks=False)
    except PermissionError:
        os.fchmod(within, 0o700)
        return os.stat(entry.name, dir_fd=within, follow_symlinks=False)


def _opened(name: str, within: int) -> int:
    """Open a folder; one that was made unreadable, so that its content would not count, is made readable."""
    try:
        return os.open(name, _FOLDER, dir_fd=within)
    except PermissionError:
        handle = os.open(name, _HANDLE, dir_fd=within)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)  # noqa: PTH101 - by name it would follow a link
        finally:
            os.close(handle)
        return os.open(name, _FOLDER, dir_fd=within)


class DiskWatch:
    """Measures one running plugin again and again.

    Args:
        policy: Its folders and its quota.
        account: Its processes.
        turn: Held while measuring, so that only one plugin is measured at a time.
    """

    def __init__(self, policy: Policy, account: Account, turn: asyncio.Lock) -> None:
        self._folders = (policy.data, policy.tmp)
        self._limits = policy.limits
        self._account = account
        self._turn = turn
        self._free = 0
        self._used = 0
        self._clock: float | None = -1.0
        self._due = 0.0

    async def exceeded(self) -> Exceeded:
        """Return when the plugin keeps too much; cancel it when the plugin has ended."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            hurry = self._free - self._free_now() > self._limits.disk_bytes - self._used
            if not hurry and (time.monotonic() < self._due or not self._moved()):
                continue
            tally = await self._measured(hurry=hurry)
            self._used = tally.used
            self._due = time.monotonic() + REST * tally.work
            if tally.unclear:
                return unclear_disk(tally.unclear, tally.used)
            if tally.full:
                return too_much_disk(tally.used, self._limits, self._folders)

    async def _measured(self, *, hurry: bool) -> Tally:
        """Measure, holding others up for one turn at most; cancelling it ends the work at once."""
        tally = Tally(self._limits.disk_bytes)
        try:
            async with self._turn:
                self._free = self._free_now()
                pids = (self._account.pid, *self._account.others)
                work = partial(measure, self._folders, self._limits, pids, hurry=hurry, tally=tally)
                measuring = aside(work)
                await asyncio.wait({measuring}, timeout=TURN_SECONDS)
            await asyncio.wait({measuring}, timeout=LONGEST_SECONDS)
        except asyncio.CancelledError:
            tally.given_up = True
            raise
        if measuring.done():
            return measuring.result()
        tally.unclear = f"measuring it takes longer than {LONGEST_SECONDS:g} seconds"
        return tally

    def _moved(self) -> bool:
        """Tell whether the plugin did anything since it was measured: else nothing can have changed."""
        before, self._clock = self._clock, cpu_seconds(self._account.pid)
        return before != self._clock or bool(self._account.others)

    def _free_now(self) -> int:
        """Return the space that is left for everybody, in the measure of :class:`Tally`.

        When it shrinks by more than the plugin may still use, the plugin may be the reason.
        """
        try:
            found = os.statvfs(self._folders[0])
        except OSError:
            return 0
        return found.f_bavail * found.f_frsize + found.f_ffree * ENTRY_BYTES
