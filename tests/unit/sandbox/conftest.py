"""A BPF interpreter of the tests' own: what the kernel would answer to a system call.

Written from the instruction set (``linux/bpf_common.h``, ``linux/filter.h``), not from
``yesman.sandbox.bpf``, so that a mistake there is not repeated here.
"""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING, Any

import pytest

from yesman.sandbox import seccomp, syscalls

if TYPE_CHECKING:
    from collections.abc import Callable

OWN_PID = 4242
MACHINES = (syscalls.X86_64, syscalls.AARCH64)
CLASSES = {0: "LD", 4: "ALU", 5: "JMP", 6: "RET"}
JUMPS: dict[int, Callable[[int, int], bool]] = {
    0x10: lambda a, k: a == k,
    0x20: lambda a, k: a > k,
    0x30: lambda a, k: a >= k,
    0x40: lambda a, k: bool(a & k),
}


def seccomp_data(number: int, arch: int, arguments: tuple[int, ...]) -> bytes:
    padded = [argument & (2**64 - 1) for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    return struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0x7F0000000000, *padded)


def run(program: bytes, data: bytes) -> int:
    """Return what RET returns; a program that reads or jumps outside, or has no end, fails the test."""
    instructions = list(struct.iter_unpack("<HBBI", program))
    accumulator = at = 0
    while True:
        code, jump_true, jump_false, k = instructions[at]
        at += 1
        kind = CLASSES[code & 7]
        if kind == "RET":
            assert code == 0x06, "RET of a constant"
            return k
        if kind == "LD":
            assert code == 0x20, "a 32-bit load from an absolute offset"
            assert k % 4 == 0, "the kernel refuses unaligned loads"
            (accumulator,) = struct.unpack_from("<I", data, k)
        elif kind == "ALU":
            assert code == 0x54, "AND with a constant"
            accumulator &= k
        elif code & 0xF0 == 0:
            at += k
        else:
            at += jump_true if JUMPS[code & 0xF0](accumulator, k) else jump_false


def verdict(answer: int) -> Any:
    """Return "allow", "kill", "ask" (the host) or the errno."""
    if answer == 0x7FFF0000:
        return "allow"
    if answer == 0x80000000:
        return "kill"
    if answer == 0x7FC00000:
        return "ask"
    assert answer >> 16 == 5, hex(answer)
    return answer & 0xFFFF


class Filter:
    """The compiled filter of one machine, to be asked like the kernel asks it."""

    def __init__(
        self,
        machine: syscalls.Machine,
        abi: int,
        *,
        brokered: bool = True,
        executes: bool = False,
        template: bool = False,
    ) -> None:
        self.machine = machine
        self.asked = "ask" if brokered else errno.EPERM
        self.counted = "ask" if brokered else "allow"
        compiled = seccomp.compile_filter(machine, landlock_abi=abi, brokered=brokered, executes=executes)
        if template:
            compiled = seccomp.compile_for_template(machine, landlock_abi=abi, executes=executes)
        self.program = compiled.for_process(OWN_PID)

    def ask(self, name: str, *arguments: int) -> Any:
        return self.number(self.machine.numbers[name], *arguments)

    def number(self, number: int, *arguments: int, arch: int | None = None) -> Any:
        architecture = self.machine.audit_arch if arch is None else arch
        return verdict(run(self.program, seccomp_data(number, architecture, arguments)))


@pytest.fixture(params=[(m, b) for m in MACHINES for b in (True, False)], ids=lambda p: f"{p[0].name}-{p[1]}")
def filtered(request: pytest.FixtureRequest) -> Filter:
    """The filter of a machine, with a host that listens and without."""
    machine, brokered = request.param
    return Filter(machine, abi=7, brokered=brokered)


@pytest.fixture(params=MACHINES, ids=lambda machine: machine.name)
def executing(request: pytest.FixtureRequest) -> Filter:
    """The filter of plugins that may start programs."""
    return Filter(request.param, abi=7, executes=True)


@pytest.fixture
def compiled() -> Callable[..., Filter]:
    return Filter


@pytest.fixture
def own_pid() -> int:
    return OWN_PID


@pytest.fixture(scope="session")
def answer_of() -> Callable[[bytes, int, tuple[int, ...]], int]:
    """Run any program on one system call of no particular machine; returns what RET returns."""
    return lambda program, number, arguments: run(program, seccomp_data(number, 0, arguments))
