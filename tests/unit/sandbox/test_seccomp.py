"""The filter's answer to every call that matters, on both machines, from an interpreter of our own."""

from __future__ import annotations

import errno

import pytest

from yesman.sandbox import seccomp, syscalls

MACHINES = [syscalls.X86_64, syscalls.AARCH64]
THREAD = 0x003D0F00  # what glibc passes for a thread
HIGH = 1 << 32
ASKED = "asked"
"""Stands for whatever the filter at hand answers to what the host decides."""
COUNTED = "counted"
"""Likewise for new threads, which nobody counts where there is no host to ask."""
EPERM, ENOSYS, ENOTTY = errno.EPERM, errno.ENOSYS, errno.ENOTTY

BY_ARGUMENT = [
    ("clone", (THREAD,), COUNTED),
    ("clone", (17,), ASKED),  # fork
    ("clone", (0x4100 | 17,), ASKED),  # vfork
    *(("clone", (THREAD | 1 << bit,), ASKED) for bit in (17, 25, 26, 27, 28, 29, 30)),
    ("clone3", (0, 88), ENOSYS),
    ("kill", (4242, 10), "allow"),
    ("kill", (0, 0), EPERM),
    ("kill", (1, 9), EPERM),
    ("kill", (-1, 9), EPERM),
    ("kill", (-4242, 9), EPERM),
    ("kill", (4242 | HIGH, 10), "allow"),  # the kernel reads 32 bits: still our own
    ("tgkill", (4242, 4243, 10), "allow"),
    ("tgkill", (4241, 4241, 9), EPERM),
    ("mmap", (0, 4096, 3, 0x22), "allow"),
    ("mmap", (0, 4096, 3, 0x01, 5), "allow"),
    ("mmap", (0, 4096, 3, 0x21), EPERM),
    ("mmap", (0, 4096, 3, 0x23), EPERM),  # SHARED_VALIDATE
    ("mmap", (0, 4096, 3, 0x40022), EPERM),  # HUGETLB
    ("mmap", (0, 4096, 3, 0x21 | HIGH), EPERM),
    ("socket", (2, 1, 0), "allow"),
    ("socket", (10, 1 | 0o2004000, 6), "allow"),
    ("socket", (2, 2), EPERM),  # UDP
    ("socket", (10, 3, 58), EPERM),  # raw
    ("socket", (2, 1, 132), EPERM),  # SCTP
    ("socket", (2, 1, 262), EPERM),  # MPTCP
    ("socket", (2, 1, 262 | HIGH), EPERM),
    ("socket", (1, 1), EPERM),
    ("socket", (16, 3), EPERM),  # netlink
    ("socket", (17, 3), EPERM),  # packet
    ("socket", (38, 5), EPERM),  # AF_ALG
    ("socket", (40, 1), EPERM),  # vsock
    ("socketpair", (1, 1), "allow"),
    ("socketpair", (1, 1 | 0o2004000), "allow"),
    ("socketpair", (1, 2), EPERM),
    ("socketpair", (1, 5), EPERM),
    ("socketpair", (2, 1), EPERM),
    ("sendto", (4, 0, 1, 0, 0, 0), "allow"),
    ("sendto", (4, 0, 1, 0, 0x7000, 16), EPERM),
    ("sendto", (4, 0, 1, 0, HIGH, 16), EPERM),
    ("sendto", (4, 0, 1, 0x20000000, 0, 0), EPERM),
    ("sendmsg", (4, 0, 0x4000), "allow"),
    ("sendmsg", (4, 0, 0x20000000), EPERM),
    ("sendmmsg", (4, 0, 1, 0x20004000), EPERM),
    ("setsockopt", (4, 1, 9), "allow"),
    ("setsockopt", (4, 6, 23), EPERM),  # TCP_FASTOPEN
    ("setsockopt", (4, 6, 31), EPERM),  # TCP_ULP
    ("setsockopt", (4, 1, 26), EPERM),  # SO_ATTACH_FILTER
    ("ioctl", (0, 0x541B), "allow"),
    ("ioctl", (0, 0x5412), ENOTTY),  # TIOCSTI
    ("ioctl", (0, 0x5412 | HIGH), ENOTTY),
    ("ioctl", (0, 0x541C), ENOTTY),  # TIOCLINUX
    ("fcntl", (4, 2, 1), "allow"),
    ("fcntl", (4, 8, 1), EPERM),  # F_SETOWN
    ("fcntl", (4, 15, 1), EPERM),  # F_SETOWN_EX
    ("fcntl", (4, 10, 9), EPERM),  # F_SETSIG
    ("fcntl", (4, 1024, 1), EPERM),  # F_SETLEASE
    ("fcntl", (4, 1026, 1), EPERM),  # F_NOTIFY
    ("prctl", (15, 0x7000), "allow"),
    ("prctl", (1, 0), EPERM),  # PR_SET_PDEATHSIG
    ("prctl", (4, 0), EPERM),  # PR_SET_DUMPABLE
    ("prctl", (22, 2), EPERM),  # PR_SET_SECCOMP
    ("prctl", (36, 1), EPERM),  # PR_SET_CHILD_SUBREAPER
    ("prctl", (0x59616D61, -1), EPERM),  # PR_SET_PTRACER
    ("prlimit64", (0, 7, 0, 0x7000), "allow"),
    ("prlimit64", (0, 7, 0x7000, 0), EPERM),
    ("prlimit64", (0, 7, HIGH, 0), EPERM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), BY_ARGUMENT)
def test_arguments_decide(filtered, name, arguments, expected):
    stands_for = {ASKED: filtered.asked, COUNTED: filtered.counted}
    assert filtered.ask(name, *arguments) == stands_for.get(expected, expected)


def test_a_foreign_architecture_is_killed(filtered):
    foreign = [0x40000003, 0xC000003E, 0xC00000B7, 0x40000028, 0]
    answers = {arch: filtered.number(0, arch=arch) for arch in foreign if arch != filtered.machine.audit_arch}
    assert set(answers.values()) == {"kill"}


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 59, 0x40000208, 0xFFFFFFFF])
def test_x32_numbers_are_killed(compiled, number):
    assert compiled(syscalls.X86_64, 7).number(number) == "kill"


def test_numbers_that_nobody_listed_do_not_exist(filtered):
    listed = {filtered.machine.numbers.get(name) for name in every_row()}
    unlisted = [number for number in range(600) if number not in listed]
    assert {number: filtered.number(number) for number in unlisted} == dict.fromkeys(unlisted, ENOSYS)


def every_row() -> set[str]:
    refused = {name for names in seccomp.REFUSED.values() for name in names}
    decided = {*seccomp.REPORTED, *seccomp.OWN_GROUPS, seccomp.BROKERED, "setsockopt", "truncate"}
    return {*seccomp.ALLOWED, *refused, *decided, *seccomp._checked()}


def test_every_row_of_the_policy_is_what_the_program_answers(filtered):
    expected = dict.fromkeys(seccomp.ALLOWED, "allow")
    expected |= {name: error for error, names in seccomp.REFUSED.items() for name in names}
    expected |= dict.fromkeys((*seccomp.REPORTED, seccomp.BROKERED), filtered.asked)
    expected = {name: answer for name, answer in expected.items() if name in filtered.machine.numbers}
    assert {name: filtered.ask(name) for name in expected} == expected


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
@pytest.mark.parametrize(("abi", "expected"), [(1, EPERM), (2, EPERM), (3, "allow"), (7, "allow")])
def test_truncate_is_left_to_landlock_only_where_landlock_guards_it(compiled, machine, abi, expected):
    assert compiled(machine, abi).ask("truncate") == expected


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)
def test_no_call_stands_in_two_rows_of_the_policy(machine):
    refused = [n for row in seccomp.REFUSED.values() for n in row]
    names = [*seccomp.ALLOWED, *refused, *seccomp._checked(), *seccomp.REPORTED, seccomp.BROKERED]
    assert len(names) == len(set(names))
    assert not {"truncate", "setsockopt"} & set(names)


def test_every_row_is_a_call_some_machine_has():
    known = {*syscalls.X86_64.numbers, *syscalls.AARCH64.numbers}
    assert every_row() <= known
    landlock = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}
    unlisted = {seccomp.SEGMENTS, "clone3", *landlock}
    assert known - every_row() == unlisted, "numbers we use ourselves or whose ENOSYS is the point"


def test_the_kernel_would_take_the_program(filtered):
    assert len(filtered.program) % 8 == 0
    assert len(filtered.program) // 8 <= 4096


def test_nothing_that_starts_or_reaches_a_process_is_allowed():
    dangerous = "execve execveat fork vfork ptrace process_vm_readv pidfd_getfd unshare setns mount bpf"
    assert not {"io_uring_setup", *dangerous.split()} & set(seccomp.ALLOWED)
