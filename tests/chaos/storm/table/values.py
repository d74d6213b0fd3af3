"""Values that are no data, exceptions that cannot be shown: a sentence comes of each."""

from __future__ import annotations

from storm.fault import Fault

_NO_DATA = "cannot be passed on|not plain JSON|unserialisable|too large"
_SMALL = {"memory": "128MB", "command": "3s"}
_ERRORS = """
class NoText(Exception):
    def __str__(self): raise ValueError("no text")
    __repr__ = __str__

class Number(Exception):
    def __str__(self): return 42

class Leaving(Exception):
    def __str__(self): raise SystemExit(9)
    __repr__ = __str__

class Deadly(Exception):
    def __str__(self): os._exit(9)
    __repr__ = __str__

class Slow(Exception):
    def __str__(self): time.sleep(1000)
    __repr__ = __str__

class Long(Exception):
    def __str__(self): return "x" * 10_000_000

class Liar(Exception):
    @property
    def __class__(self): raise SystemExit(9)
    @property
    def __cause__(self): raise SystemExit(9)
    @property
    def __traceback__(self): raise SystemExit(9)

class Endless(dict):
    def items(self):
        while True:
            yield "a", 1
"""


def _value(name: str, body: str, seen: str = _NO_DATA, **more: object) -> Fault:
    return Fault(name, body, seen, top=_ERRORS, **more)  # type: ignore[arg-type]  # fields of the row


FAULTS = [
    _value("returns an object", "return object()"),
    _value("returns 10 MB", "return 'x' * 10_000_000"),
    _value("returns a million lists", "return [[]] * 1_000_000"),
    _value("returns 100 000 levels", "value = []\nfor _ in range(100_000): value = [value]\nreturn value"),
    _value("returns a circle", "value = []\nvalue.append(value)\nreturn value"),
    _value("returns NaN", "return float('nan')"),
    _value("returns half a character", "return '\\ud800'"),
    _value("returns a huge number", "return 10 ** 10_000"),
    _value(
        "returns a dict without end", "return Endless(a=1)", "memory|longer than|not finish", limits=_SMALL
    ),
    _value(
        "returns a coroutine never ending",
        "return asyncio.sleep(1000)",
        "longer than|not finish",
        limits={"command": "0.5s"},
    ),
    _value("exception without a text", "raise NoText", "NoText"),
    _value("exception without a text: hook", "raise NoText", "NoText", at="hook"),
    _value(
        "exception without a text: initialize", "raise NoText", "NoText|failed while loading", at="initialize"
    ),
    _value("exception whose text is a number", "raise Number", "Number"),
    _value("exception whose text exits", "raise Leaving", "cannot be described"),
    _value("exception whose text kills", "raise Deadly", "exited with code 9"),
    _value(
        "exception whose text never ends", "raise Slow", "longer than|not finish", limits={"command": "0.5s"}
    ),
    _value("exception with 10 MB of text", "raise Long", "xxx"),
    _value("exception of no class", "raise Liar('x')", "Liar|x|exit"),
    _value(
        "exceptions in a circle",
        "a, b = ValueError('a'), ValueError('b')\na.__cause__, b.__cause__ = b, a\nraise a",
        "a",
    ),
    _value(
        "a group of 10 000 exceptions",
        "raise ExceptionGroup('many', [ValueError(str(n)) for n in range(10_000)])",
        "many",
    ),
    _value("controls in an exception", "raise ValueError('a\\x1b[2J\\n\\u202eb')", "a"),
]
