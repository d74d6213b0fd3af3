"""A tiny assembler for classic BPF, enough for seccomp filters.

A program is a binary search over system-call numbers whose leaves are rows: "if the number is
this one, do that, and end in RET on every path", so rows can be read, and tested, one by one.
System calls whose answer is ALLOW whatever the arguments are cached by the kernel (5.11+) and
cost nothing at run time; the search is there because filling that cache tries every number on
every installation, which took a list 0.3 ms a plugin.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

LD_ABS, AND_K = 0x20, 0x54
JA, JEQ, JGT, JGE, JSET, RET = 0x05, 0x15, 0x25, 0x35, 0x45, 0x06

NR_OFFSET, ARCH_OFFSET, ARGS_OFFSET = 0, 4, 16  # struct seccomp_data

ALLOW = 0x7FFF0000
NOTIFY = 0x7FC00000
KILL_PROCESS = 0x80000000


def fail_with(number: int) -> int:
    """Return the filter result that makes the system call fail with errno ``number``."""
    return 0x00050000 | number


class Instruction(NamedTuple):
    """One ``struct sock_filter``."""

    code: int
    jump_true: int
    jump_false: int
    k: int


Program = list[Instruction]

WORD = 0xFFFFFFFF
LEAF = 4
"""Rows compared one after the other at the end of a search."""


def load(offset: int) -> Instruction:
    """Load the 32-bit word at ``offset`` of ``struct seccomp_data``."""
    return Instruction(LD_ABS, 0, 0, offset)


def low(argument: int) -> int:
    """Offset of the low half of argument ``argument`` (both supported machines are little-endian)."""
    return ARGS_OFFSET + 8 * argument


def high(argument: int) -> int:
    """Offset of the high half of argument ``argument``."""
    return low(argument) + 4


def ret(value: int) -> Instruction:
    """End the filter with ``value``."""
    return Instruction(RET, 0, 0, value)


class Check(NamedTuple):
    """One test of an argument: ``word & mask`` must (or must not) be one of ``values``.

    Attributes:
        offset: From :func:`low` or :func:`high`.
        mask: Applied before comparing.
        values: What the masked word is compared with.
        expect: True: the check passes if any value equals; False: if none does.
    """

    offset: int
    mask: int
    values: tuple[int, ...]
    expect: bool = True

    def assemble(self, otherwise: int) -> Program:
        """Return instructions that fall through when the check passes, else RET ``otherwise``."""
        head = [load(self.offset)]
        if self.mask != WORD:
            head.append(Instruction(AND_K, 0, 0, self.mask))
        count = len(self.values)
        tests = []
        for index, value in enumerate(self.values):
            remaining = count - index - 1
            if self.expect:  # any equal: jump over the remaining tests and the RET
                tests.append(Instruction(JEQ, remaining + 1, 0, value))
            else:  # any equal: jump to the RET; the last one falls past it
                tests.append(Instruction(JEQ, remaining, 0 if remaining else 1, value))
        return [*head, *tests, ret(otherwise)]


def search(rows: list[tuple[int, Program]], otherwise: int) -> Program:
    """Return a program that runs the body of the row whose number is in the accumulator.

    Args:
        rows: System-call number and body, in ascending order; each body ends in RET on every path.
        otherwise: The result for every other number.
    """
    if len(rows) <= LEAF:
        blocks = [part for number, body in rows for part in (Instruction(JEQ, 0, len(body), number), *body)]
        return [*blocks, ret(otherwise)]
    middle = len(rows) // 2
    below = search(rows[:middle], otherwise)
    fork = [Instruction(JGE, 0, 1, rows[middle][0]), Instruction(JA, 0, 0, len(below))]
    return [*fork, *below, *search(rows[middle:], otherwise)]


def serialise(program: Program) -> bytes:
    """Return the ``struct sock_filter`` array."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
