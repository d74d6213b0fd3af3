"""One attempt to escape, as data.

``code`` is an expression in the words of ``corpus.inside``. ``confined`` is the answer a plugin
must get. ``control`` says what the same expression comes to in a sandbox of resource limits
alone, so that a refusal can be told from an attempt that never works.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = "done"
"""The answer of an attempt that worked."""


class Control(Enum):
    """What the attempt comes to in the sandbox of resource limits alone.

    Attributes:
        WORKS: It succeeds, for root and for everybody else.
        DIFFERS: It fails there too, but otherwise.
        ROOT: As DIFFERS, but for root alone: the kernel refuses it to plain users the same way.
        SAME: The answer may be the same (the reason stands beside it).
        NOT_RUN: It is not tried there (``note`` says why).
    """

    WORKS = "works"
    DIFFERS = "differs"
    ROOT = "root only"
    SAME = "may be the same"
    NOT_RUN = "not run"


WORKS, DIFFERS, ROOT, SAME, NOT_RUN = Control


class Attempt(NamedTuple):
    """One attempt.

    Attributes:
        name: What it tries; unique in the corpus.
        code: The expression.
        confined: The answer it must get: an error's name, a signal's, or how the host ended it.
        control: What it comes to without the sandbox.
        machine: The architecture it is for, "" for all.
        note: Why it is not run in the control.
        residue: The residue of ``SECURITY.md`` by which it may work, "" for none.
        limits: Fields of ``Limits`` that differ for it; where there is no such field, it is not tried.
    """

    name: str
    code: str
    confined: str
    control: Control = WORKS
    machine: str = ""
    note: str = ""
    residue: str = ""
    limits: Mapping[str, float] = MappingProxyType({})


A = Attempt
"""As the tables write it."""
