"""Code that never comes back: it is cut off by its limits, and nobody else waits for it."""

from __future__ import annotations

from storm.fault import Fault

_SOON = {"command": "0.5s", "event": "0.5s", "load": "2s"}
_FOREVER = "time.sleep(1000)"
_GIL = "ctypes.PyDLL(None).sleep(1000)"
_STOP = "os.kill(os.getpid(), signal.SIGSTOP)"
_DEAF = "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"
_STUBBORN = """
while True:
    try:
        time.sleep(1000)
    except BaseException:
        pass
"""
_LOCK = "lock = threading.Lock()\nlock.acquire()\nlock.acquire()"
_BUSY = """
def spin():
    while True:
        pass
for _ in range(8):
    threading.Thread(target=spin, daemon=True).start()
spin()
"""
_HEADLESS = "threading.Thread(target=time.sleep, args=(1000,)).start()\nctypes.CDLL(None).pthread_exit(None)"
_LATE = "did not finish|took longer|longer than"


def _late(name: str, body: str, seen: str = _LATE, **more: object) -> Fault:
    return Fault(name, body, seen, limits=_SOON, **more)  # type: ignore[arg-type]  # fields of the row


FAULTS = [
    _late("loop with signals blocked", _DEAF),
    _late("loop with signals blocked: initialize", _DEAF, at="initialize"),
    Fault("loop on eight threads", _BUSY, "processor|CPU", limits={"cpu": "1s"}),
    _late("C code holds the interpreter", _GIL),
    _late("C code holds the interpreter: hook", _GIL, at="hook"),
    _late("C code holds the interpreter: load", _GIL, at="constructing"),
    _late("importing never ends", _FOREVER, at="importing"),
    _late("initialize never ends", _FOREVER, at="initialize"),
    _late("cleanup never ends", _FOREVER, "cleanup did not finish in time", at="cleanup"),
    _late("cleanup holds the interpreter", _GIL, "cleanup did not finish in time", at="cleanup"),
    _late("hook never ends", _FOREVER, at="hook"),
    _late("waits for ever", "await asyncio.Event().wait()", asynchronous=True),
    _late("blocks its event loop", _FOREVER, asynchronous=True),
    _late("deaf to being interrupted", _STUBBORN),
    _late("waits for itself", _LOCK),
    _late("stops itself", _STOP),
    _late("stops itself: initialize", _STOP, at="initialize"),
    _late("stops itself: hook", _STOP, at="hook"),
    _late("stops itself: cleanup", _STOP, "cleanup did not finish in time", at="cleanup"),
    Fault("ends its main thread", _HEADLESS, "main thread has ended"),
]
