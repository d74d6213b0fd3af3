"""The metadata broker: changes modes and times for one plugin, where it may write.

The caller stands still meanwhile. The host copies the path out of its memory once, resolves it from where the
caller stands, and opens what it leads to as a mere handle. From then on there is no path: what is judged
(:mod:`yesman.runtime.metadata`) and then changed is the object behind that handle, so whatever is exchanged,
linked or renamed meanwhile changes nothing. Never CONTINUE; a mistake of ours refuses.

All of it happens in one thread for each plugin, because file systems may take as long as they like:
the event loop never waits for one, and no plugin for another's. The thread gives up every capability
first, so root's host reaches no more than root's plugin does. Nothing is changed for a caller that has ended.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import threading
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from yesman.runtime import caller, metadata
from yesman.runtime.metadata import Found, Kind
from yesman.sandbox import kernel, notify
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from yesman.runtime.metadata import Change, Place

_NAMES = {number: name for name, number in this_machine().numbers.items()}
_BY_DESCRIPTOR = re.compile(rb"/proc/(?:self|thread-self)/fd/([0-9]{1,9})")
"""How C libraries spell a descriptor where no call takes it. Our own /proc/self is not theirs."""


class Amender:
    """Serves the calls of one plugin that change metadata, one after the other.

    Args:
        listener: Of the plugin's filter; whoever owns it closes this first.
        writable: Where it may change metadata.
        never: Paths that no permission opens, for what is told.
        loop: Where ``on_refused`` is called.
        on_refused: Told of each refusal: the call, what it would have done, and the permission it lacks.
    """

    def __init__(
        self,
        listener: int,
        writable: tuple[Place, ...],
        never: tuple[str, ...],
        loop: asyncio.AbstractEventLoop,
        on_refused: Callable[[notify.Notification, str, str], None],
    ) -> None:
        self._listener = listener
        self._writable = writable
        self._never = never
        self._loop = loop
        self._on_refused = on_refused
        self._lock = threading.Lock()  # held for moments only, so the loop may take it
        self._calls: SimpleQueue[notify.Notification | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def take(self, call: notify.Notification) -> None:
        """Serve ``call`` and answer it, later. As many wait at most as the plugin has threads."""
        if self._thread is None:
            # A daemon: a file system that never answers must not keep the server from ending.
            self._thread = threading.Thread(target=self._run, name="metadata", daemon=True)
            self._thread.start()
        self._calls.put(call)

    def close(self) -> None:
        """Answer nobody any more, and change nothing."""
        with self._lock:
            self._listener = -1
        self._calls.put(None)

    def _run(self) -> None:
        try:
            kernel.drop_capabilities()  # of this thread alone
            reduced = True
        except OSError:
            logging.getLogger("yesman.broker").exception("the metadata broker keeps its capabilities")
            reduced = False
        while (call := self._calls.get()) is not None:
            number = self._serve(call) if reduced else errno.EPERM
            if number is not None:
                self._answer(call.id, number)

    def _serve(self, call: notify.Notification) -> int | None:
        """Return the errno to answer with, 0 for success, None for a caller that does not wait any more."""
        try:
            return self._amend(call)
        except OSError as error:
            return error.errno or errno.EPERM
        except Exception:  # a mistake of ours must refuse and be answered: the caller stands still
            logging.getLogger("yesman.broker").exception("a call of process %d", call.thread)
            return errno.EPERM

    def _amend(self, call: notify.Notification) -> int | None:
        wanted = metadata.change(_NAMES[call.number], call.arguments)
        times = _times(call.thread, wanted)
        with ExitStack() as held:
            handle = _opened(call.thread, wanted, held)
            status = os.fstat(handle)  # before the path: see Found
            found = Found(status, _path_of(handle))
            what, permission = self._judge(wanted, found)
            if not self._still_waits(call.id):
                return None  # what was taken may have been somebody else's
            if what:
                self._refuse(call, what, permission)
                return errno.EPERM
            _act(handle, wanted, times)
        return 0

    def _judge(self, wanted: Change, found: Found) -> tuple[str, str]:
        """Return what is refused and the permission it lacks, each "" where there is none."""
        around = metadata.holding(found.path, self._writable)
        place = next((place for place in around if place.stands()), None)
        if place is not None:
            return metadata.why_not(wanted, found, place, os.geteuid()), ""
        where = os.fsdecode(found.path)
        secret = any(f"{where}/".startswith(f"{path}/") for path in self._never)
        grantable = where.startswith("/") and where.isprintable() and not secret
        return f"change {wanted.kind.value} there", f"filesystem.write:{where}" if grantable else ""

    def _refuse(self, call: notify.Notification, what: str, permission: str) -> None:
        """Tell before the caller is answered, so that the refusal explains what it does next."""
        with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
            self._loop.call_soon_threadsafe(self._on_refused, call, what, permission)

    def _still_waits(self, ident: int) -> bool:
        with self._lock:
            return self._listener >= 0 and notify.still_waits(self._listener, ident)

    def _answer(self, ident: int, number: int) -> None:
        with self._lock, suppress(OSError):  # answered by nobody else, so the listener is broken: all end
            if self._listener >= 0:
                notify.answer(self._listener, ident, number)


def _times(thread: int, wanted: Change) -> bytes | None:
    """Return the times that ``wanted`` sets, None for the present."""
    if wanted.kind is not Kind.TIMES or not wanted.values[0]:
        return None
    return metadata.times(wanted, caller.memory(thread, wanted.values[0], metadata.times_length(wanted)))


def _opened(thread: int, wanted: Change, held: ExitStack) -> int:
    """Return a handle of what ``wanted`` means; ``held`` closes it."""

    def kept(descriptor: int) -> int:
        held.callback(os.close, descriptor)
        return descriptor

    if wanted.path is None:
        return kept(caller.descriptor(thread, wanted.directory))
    text = caller.path(thread, wanted.path)
    if not text and not wanted.empty:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    spelt = _BY_DESCRIPTOR.fullmatch(text)
    if spelt and wanted.follow:
        return kept(caller.descriptor(thread, int(spelt[1])))
    start = metadata.AT_FDCWD
    if not text.startswith(b"/"):
        of_process = wanted.directory != metadata.AT_FDCWD
        start = kept(caller.descriptor(thread, wanted.directory) if of_process else caller.folder(thread))
    return kept(kernel.open_handle(start, text, follow=wanted.follow)) if text else start


def _path_of(handle: int) -> bytes:
    """Return where the kernel says that the object behind ``handle`` is, every link resolved."""
    return os.readlink(b"/proc/self/fd/%d" % handle)  # noqa: PTH115 - bytes


def _act(handle: int, wanted: Change, times: bytes | None) -> None:
    """Do it; an owner has been judged to be what it is already."""
    if wanted.kind is Kind.MODE:
        os.chmod(f"/proc/self/fd/{handle}", wanted.values[0])  # noqa: PTH101 - the handle, by no name
    elif wanted.kind is Kind.TIMES:
        kernel.set_times(handle, times)
