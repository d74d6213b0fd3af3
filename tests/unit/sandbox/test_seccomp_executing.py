"""What the filter answers differently where a plugin may start programs; all else stays."""

from __future__ import annotations

import errno

import pytest

from yesman.sandbox import seccomp, syscalls

MACHINES = [syscalls.X86_64, syscalls.AARCH64]
EPERM = errno.EPERM
DIFFERENT = {seccomp.CATCHES, "kill", "tgkill", *seccomp.OWN_GROUPS, seccomp.SEGMENTS}


def test_only_signals_groups_and_segments_differ(executing, compiled):
    usual = compiled(executing.machine, 7)
    names = set(executing.machine.numbers)
    assert {n for n in names if executing.ask(n, 0x1002) != usual.ask(n, 0x1002)} <= DIFFERENT
    for name in names - DIFFERENT:
        for argument in (0, 1, 17, 0x3D0F00, 0x10000000, 0x5412):
            assert executing.ask(name, *[argument] * 6) == usual.ask(name, *[argument] * 6), name


@pytest.mark.parametrize("name", ["clone", "execve", "execveat", "connect"])
def test_whatever_makes_a_process_is_asked_about(executing, name):
    assert executing.ask(name, 17) == "ask"


def test_the_mark_cannot_be_taken_off(executing):
    assert executing.ask("setrlimit", 10, 0x7000) == EPERM
    assert executing.ask("prlimit64", 0, 10, 0x7000, 0) == EPERM
    assert executing.ask("prlimit64", 4242, 10, 0x7000, 0) == EPERM


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@pytest.mark.parametrize(("abi", "expected"), [(3, EPERM), (5, EPERM), (6, "allow"), (7, "allow")])
def test_signals_to_others_wait_for_a_landlock_that_keeps_them_in(compiled, machine, abi, expected, own_pid):
    filtered = compiled(machine, abi, executes=True)
    assert filtered.ask("kill", 1, 9) == expected
    assert filtered.ask("tgkill", 1, 1, 9) == expected
    assert filtered.ask("kill", own_pid, 9) == "allow"


def test_segments_are_the_only_thing_a_program_may_set_up(executing):
    if seccomp.SEGMENTS in executing.machine.numbers:
        assert [executing.ask(seccomp.SEGMENTS, n) for n in (0x1001, 0x1002, 0x1003)] == ["allow"] * 3
        assert executing.ask(seccomp.SEGMENTS, 0x1012) == errno.EINVAL  # ARCH_SET_CPUID


def test_the_host_hears_of_handlers_for_the_end_of_children_alone(executing):
    answers = [executing.ask(seccomp.CATCHES, number, 0x7000) for number in (1, 2, 15, 16, 17, 18)]
    assert answers == ["allow"] * 4 + ["ask", "allow"]


def test_whoever_may_start_nothing_may_do_none_of_it(compiled):
    usual = compiled(syscalls.X86_64, 7)
    refused = sorted(DIFFERENT - {seccomp.CATCHES})
    assert [usual.ask(name, 0x1002) for name in refused] == [errno.ENOSYS, *[EPERM] * 4]
