"""Bytes written into the plugin's own sockets: anything but honest frames ends it, and only it."""

from __future__ import annotations

from storm.fault import Fault

_BROKE = "broke the protocol"
_WAIT = "\ntime.sleep(1000)"
_LATE = "did not finish|took longer|longer than"
_SOON = {"command": "0.5s"}
_SLOW = """
for byte in frame(LOG, 0, {"level": 20, "message": "slowly"}):
    write(bytes([byte]))
    time.sleep(0.002)
return "told"
"""
_OTHERS = """
ident = CURRENT_CALL.get()
for other in (ident + 1, ident + 7, 4_000_000_000):
    write(frame(RESULT, other, None, b'"stolen"'))
time.sleep(1000)
"""
_TWICE = """
ident = CURRENT_CALL.get()
write(frame(RESULT, ident, None, b'"forged"') * 2)
return 'honest'
"""
_REORDERED = """
ident = CURRENT_CALL.get()
late = frame(STARTED, ident) + frame(OUTPUT, ident, {"stream": "out"}, b"late")
write(frame(RESULT, ident, None, b'"early"') + late)
time.sleep(0.2)
return 'honest'
"""
_SHUFFLED = """
data = frame(LOG, 0, {"level": 20, "message": "x" * 100})
write(data[16:] + data[:16])
time.sleep(1000)
"""
_NEVER_READS = """
params = {"name": "plugin.x.y", "payload": {"t": "x" * 10_000}}
for number in range(1000, 3000):
    write(frame(CALL, number, {"method": "bus.publish", "params": params}))
time.sleep(1000)
"""
_SENDS_ALONG = """
lane = socket.socket(fileno=os.dup(UP))
numbers = [os.open(self.context.data_dir, os.O_RDONLY) for _ in range(2)]
for _ in range(20):
    socket.send_fds(lane, [frame(LOG, 0, {"level": 20, "message": "y"})], numbers)
return "sent"
"""


def _raw(name: str, data: str, seen: str = _BROKE) -> Fault:
    return Fault(f"wire: {name}", f"write({data}){_WAIT}", seen)


FAULTS = [
    _raw("noise", 'b"GET / HTTP/1.1\\r\\n\\r\\n"'),
    _raw("random bytes", "os.urandom(100_000)"),
    _raw("no such kind", "frame(255, 1)"),
    _raw("padding", 'frame(LOG, 0, {}, padding=b"\\0\\1\\0")'),
    _raw("4 GiB announced", 'struct.pack("!B3sIII", OUTPUT, bytes(3), 1, 2, 2**32 - 1)'),
    _raw("a body too large", 'struct.pack("!B3sIII", LOG, bytes(3), 0, 2**20, 0)'),
    _raw("a second hello", 'frame(HELLO, 0, {"protocol": 1, "version": "0", "pid": 1})'),
    _raw("30 000 brackets", 'frame(CALL, 9, {"method": "x", "params": {"a": [[]] * 30_000}})'),
    _raw("too many calls", 'frame(CALL, 9, {"method": "session.list"}) * 200'),
    Fault(
        "wire: half a frame, then silence",
        f'write(frame(LOG, 0, {{"level": 20, "message": "x"}})[:20]){_WAIT}',
        _LATE,
        limits=_SOON,
    ),
    Fault("wire: byte by byte", _SLOW, "told"),
    Fault("wire: replies to other ids", _OTHERS, _BROKE),
    Fault("wire: doubled replies", _TWICE, "forged|broke the protocol"),
    Fault("wire: reordered", _REORDERED, "early|broke the protocol"),
    Fault("wire: body before header", _SHUFFLED, _BROKE),
    Fault("wire: asks and never reads", _NEVER_READS, f"{_LATE}|{_BROKE}", limits={"command": "2s"}),
    Fault("wire: sends descriptors along", _SENDS_ALONG, "sent"),
    Fault("wire: into the host's own lane", f"write(b'x' * 20, DOWN){_WAIT}", _BROKE),
    Fault(
        "closes its lanes",
        f"os.close(UP)\nos.close(DOWN){_WAIT}",
        "died of SIGKILL|ended|exited|broke|longer",
    ),
    Fault("closes all it has", f"os.closerange(0, 4096){_WAIT}", "died of SIGKILL|ended|exited|broke|longer"),
    Fault(
        "puts its lanes elsewhere",
        f"null = os.open('/dev/null', os.O_RDWR)\nos.dup2(null, UP)\nos.dup2(null, DOWN){_WAIT}",
        _LATE,
        limits=_SOON,
    ),
]
