"""Types are made ready before there are threads.

msgspec looks at a type's fields when the type is used for the first time. Another thread that uses it
meanwhile, for the first time as well, reads what is half made, and the process dies of SIGSEGV (msgspec 0.22;
``tests/unit/model/test_readied.py`` shows it). So whatever serves with threads has all types looked at first.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


def make_ready() -> None:
    """Have msgspec look at every type that is imported, ours and those of libraries; before any thread."""
    for kind in set(_below(msgspec.Struct)):
        with suppress(TypeError, NameError):  # a base that nobody reads
            msgspec.json.Decoder(kind)


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
