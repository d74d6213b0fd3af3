"""Taking all there is: memory, threads, descriptors, disk. A limit says no, to that plugin alone."""

from __future__ import annotations

from storm.fault import Fault

_SMALL = {"memory": "128MB", "command": "20s"}
_BALLOON = "kept = []\nwhile True: kept.append(bytearray(1 << 20))"
_MAPS = """
import mmap
kept = []
while True:
    kept.append(mmap.mmap(-1, 1 << 26, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
"""
_THREADS = """
threading.stack_size(65536)
stop = threading.Event()
try:
    for count in range(1000):
        threading.Thread(target=stop.wait, daemon=True).start()
except RuntimeError as error:
    return f"{count} threads: {error}"
finally:
    stop.set()
"""
_DESCRIPTORS = """
kept = []
try:
    while True:
        kept.append(os.open(self.context.data_dir, os.O_RDONLY))
except OSError as error:
    self.context.logger.info("the host still hears")
    return error.strerror
finally:
    for each in kept:
        os.close(each)
"""
_FORK = "try: os.fork()\nexcept OSError as error: return str(error)"
_PROGRAM = "import subprocess\nsubprocess.run(['/bin/true'])"
_DISK = """
for number in range(10_000):
    (Path(self.context.data_dir) / f"big{number}").write_bytes(bytes(1 << 18))
"""
_FILES = """
for number in range(1000):
    (Path(self.context.data_dir) / str(number)).write_bytes(b"")
return "made"
"""
_DENIED = """
while True:
    try: open("/etc/shadow")
    except OSError: pass
"""

FAULTS = [
    Fault("deep recursion", "def down(): down()\ndown()", "recursion"),
    Fault(
        "recursion without a limit",
        "sys.setrecursionlimit(1 << 30)\ndef down(): down()\ndown()",
        "memory|died of",
        limits=_SMALL,
    ),
    Fault("memory balloon", _BALLOON, "memory", limits=_SMALL),
    Fault("memory balloon: hook", _BALLOON, "memory", at="hook", limits=_SMALL),
    Fault("memory balloon: importing", _BALLOON, "memory", at="importing", limits=_SMALL),
    Fault("memory maps", _MAPS, "memory|Cannot allocate", limits=_SMALL),
    Fault("as many threads as there are", _THREADS, r"\d+ threads: can't start"),
    Fault("as many descriptors as there are", _DESCRIPTORS, "Too many open files"),
    Fault("fork", _FORK, "process|fork"),
    Fault("a program", _PROGRAM, "permission"),
    Fault(
        "fills its disk",
        _DISK,
        "disk|space|folders",
        limits={"disk": "4MB"},
        then="not started: its own folders hold more",
    ),
    Fault("a thousand files", _FILES, "made"),
    Fault(
        "asks for the forbidden for ever", _DENIED, "longer than|did not finish", limits={"command": "0.5s"}
    ),
]
