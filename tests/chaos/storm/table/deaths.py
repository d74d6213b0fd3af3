"""Ends of a process: by signals at every step, by itself, and by what Python raises to end a program."""

from __future__ import annotations

from typing import get_args

from storm.fault import Fault, Step

_KILL = "os.kill(os.getpid(), signal.SIGKILL)"
_WHEN = {
    "importing": "died of SIGKILL while running 'load'",
    "constructing": "died of SIGKILL while running 'load'",
    "initialize": "died of SIGKILL while running 'load'",
    "command": "died of SIGKILL while running 'go'",
    "hook": "died of SIGKILL while running 'event'",
    "cleanup": "died of SIGKILL while running 'cleanup'",
}
_OWN = """
class Own(BaseException):
    pass
"""
_CALLS = """
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
while True:
    self.context.session_manager.list_sessions()
"""

FAULTS = [
    *(Fault(f"SIGKILL: {step}", _KILL, _WHEN[step], at=step) for step in get_args(Step) if step != "act"),
    Fault("SIGKILL: a service call open", _CALLS, "died of SIGKILL", permissions=("session.read",)),
    Fault("segmentation fault", "ctypes.string_at(0)", "died of SIGSEGV"),
    Fault("segmentation fault in a hook", "ctypes.string_at(0)", "died of SIGSEGV", at="hook"),
    Fault("abort", "os.abort()", "died of SIGABRT"),
    Fault(
        "stack overflow in C",
        "sys.setrecursionlimit(1 << 30)\ndown = lambda _: list(map(down, [0]))\ndown(0)",
        "died of SIGSEGV|memory",
    ),
    Fault("Py_FatalError", "ctypes.pythonapi.Py_FatalError(b'x')", "died of SIGABRT"),
    Fault("Py_FinalizeEx", "ctypes.pythonapi.Py_FinalizeEx()", "died of|exited with"),
    Fault("exit of the C library", "ctypes.CDLL(None).exit(0)", "exited with code 0"),
    Fault("os._exit(0)", "os._exit(0)", "exited with code 0"),
    Fault("os._exit: initialize", "os._exit(3)", "exited with code 3", at="initialize"),
    Fault(
        "os._exit: in a thread",
        "threading.Timer(0.1, os._exit, (4,)).start()\ntime.sleep(60)",
        "exited with code 4",
    ),
    Fault("SystemExit", "sys.exit('gone')", "gone"),
    Fault("SystemExit: importing", "sys.exit(5)", "failed while loading", at="importing"),
    Fault("SystemExit: initialize", "sys.exit(5)", "failed while loading", at="initialize"),
    Fault("SystemExit: hook", "sys.exit(5)", "exit", at="hook"),
    Fault(
        "SystemExit: out of a callback",
        "asyncio.get_running_loop().call_soon(sys.exit)\nawait asyncio.sleep(60)",
        "exited with code 1",
        asynchronous=True,
    ),
    Fault("KeyboardInterrupt", "raise KeyboardInterrupt", "interrupted|KeyboardInterrupt"),
    Fault("KeyboardInterrupt: hook", "raise KeyboardInterrupt", "interrupted|KeyboardInterrupt", at="hook"),
    Fault("GeneratorExit", "raise GeneratorExit", "GeneratorExit"),
    Fault("a BaseException of its own", "raise Own", "Own", top=_OWN),
    Fault("a BaseException: hook", "raise Own", "Own", at="hook", top=_OWN),
    Fault("a BaseException: initialize", "raise Own", "Own", at="initialize", top=_OWN),
    Fault(
        "CancelledError of its own",
        "raise asyncio.CancelledError",
        "interrupted|Cancelled",
        asynchronous=True,
    ),
    Fault(
        "stops the event loop",
        "asyncio.get_running_loop().stop()\nawait asyncio.sleep(0.1)\nreturn 'went on'",
        "went on",
        asynchronous=True,
    ),
]
