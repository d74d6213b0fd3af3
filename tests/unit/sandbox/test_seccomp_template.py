"""What the filter answers differently for a template and what it forks; all else stays."""

from __future__ import annotations

import errno

import pytest

from yesman.sandbox import seccomp, syscalls
from yesman.sandbox.unsupported import UnsupportedError

EPERM = errno.EPERM
DIFFERENT = {"kill", "tgkill", "prctl"}
MACHINES = (syscalls.X86_64, syscalls.AARCH64)


@pytest.fixture(params=MACHINES, ids=lambda machine: machine.name)
def machine(request):
    return request.param


@pytest.mark.parametrize("executes", [False, True])
def test_only_signals_and_dying_with_the_parent_differ(compiled, machine, executes):
    usual = compiled(machine, 7, executes=executes)
    template = compiled(machine, 7, executes=executes, template=True)
    for name in machine.numbers.keys() - DIFFERENT:
        for argument in (0, 1, 9, 17, 0x3D0F00, 0x10000000, 0x5412):
            assert template.ask(name, *[argument] * 6) == usual.ask(name, *[argument] * 6), name
    for option in range(2, 100):
        assert template.ask("prctl", option, 9) == usual.ask("prctl", option, 9)


@pytest.mark.parametrize(
    ("signal", "expected"),
    [(9, "ask"), (0, EPERM), (15, EPERM), (9 + (1 << 32), EPERM), (9 | 1 << 63, EPERM)],
)
def test_the_host_hears_that_it_dies_with_its_parent_and_of_nothing_less(compiled, machine, signal, expected):
    assert compiled(machine, 7, template=True).ask("prctl", 1, signal) == expected


@pytest.mark.parametrize("name", ["kill", "tgkill"])
@pytest.mark.parametrize(("pid", "expected"), [(4711, "allow"), (0, EPERM), (-1, EPERM), (-4711, EPERM)])
def test_it_may_signal_one_process_and_no_group(compiled, machine, name, pid, expected):
    assert compiled(machine, 7, template=True).ask(name, pid, 9) == expected


def test_its_mark_cannot_be_taken_off(compiled, machine):
    template = compiled(machine, 7, template=True)
    assert template.ask("setrlimit", 10, 0x7000) == EPERM
    assert template.ask("prlimit64", 0, 10, 0x7000, 0) == EPERM


def test_where_landlock_does_not_keep_signals_there_are_no_templates(machine):
    with pytest.raises(UnsupportedError, match="ABI 6"):
        seccomp.compile_for_template(machine, landlock_abi=5, executes=False)
