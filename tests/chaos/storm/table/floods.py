"""Saying too much: it is heard later, or cut off, and nobody else is."""

from __future__ import annotations

from storm.fault import Fault

_SOON = {"command": "0.5s"}
_LATE = "did not finish|took longer|longer than"
_CALLS = """
def call():
    while True:
        self.context.event_bus.publish(f"plugin.{NAME}.x", {})
for _ in range(50):
    threading.Thread(target=call, daemon=True).start()
call()
"""
_CHAIN = """
done = threading.Event()
def deeper(event):
    depth = event.payload["depth"]
    if depth == 1000:
        done.set()
    else:
        self.context.event_bus.publish(f"plugin.{NAME}.deeper", {"depth": depth + 1})
self.context.event_bus.subscribe(f"plugin.{NAME}.deeper", deeper)
self.context.event_bus.publish(f"plugin.{NAME}.deeper", {"depth": 1})
while not done.is_set():
    await asyncio.sleep(0.01)
return "1000 deep"
"""
_STORM = """
for number in range(900):
    self.context.event_bus.publish(f"plugin.{NAME}.storm", {"n": number, "ballast": "x" * 10_000})
return "all told"
"""


def _flood(name: str, body: str, seen: str = _LATE, **more: object) -> Fault:
    found = Fault(name, body, seen, **({"limits": _SOON} | more))  # type: ignore[arg-type]  # fields of the row
    return found._replace(top=f"NAME = {found.plugin!r}")


FAULTS = [
    _flood("prints without end", "while True: print('x' * 100)"),
    _flood("prints one line without end", "while True: print('x' * 100, end='')"),
    _flood(
        "raw output without end",
        'ident = CURRENT_CALL.get()\nwhile True: write(frame(OUTPUT, ident, {"stream": "out"}, b"x") * 1000)',
    ),
    _flood("native output without end", 'while True: write(b"x\\n" * 30_000, 2)'),
    _flood("native output without a line's end", 'while True: write(b"x" * 30_000, 2)'),
    _flood("log records without end", "while True: self.context.logger.info('x' * 1000)"),
    _flood(
        "refusals without end", 'while True: write(frame(REFUSED, 0, {"what": "call x", "count": 1}) * 1000)'
    ),
    _flood("signs of life without end", "while True: write(frame(STARTED, 1) * 1000)"),
    _flood("calls on fifty threads", _CALLS),
    _flood("event storm", _STORM, "all told", limits={"command": "60s"}),
    _flood("events 1 000 deep", _CHAIN, "1000 deep", asynchronous=True, limits={"command": "60s"}),
]
