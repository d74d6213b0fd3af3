"""The frozen tables agree with the kernel's: its headers where installed, a frozen sample anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yesman.sandbox.syscalls import AARCH64, X86_64

HEADERS = {
    "x86_64": [Path(f"/usr/include/{place}asm/unistd_64.h") for place in ("x86_64-linux-gnu/", "")],
    "aarch64": [Path("/usr/include/asm-generic/unistd.h")],
}
# From arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux 6.12.
SAMPLE = {
    "read": (0, 63), "openat": (257, 56), "mmap": (9, 222), "clone": (56, 220), "execve": (59, 221),
    "kill": (62, 129), "tgkill": (234, 131), "ptrace": (101, 117), "prctl": (157, 167), "ioctl": (16, 29),
    "socket": (41, 198), "connect": (42, 203), "truncate": (76, 45), "setxattr": (188, 5),
    "unshare": (272, 97),
    "bpf": (321, 280), "seccomp": (317, 277), "memfd_create": (319, 279), "prlimit64": (302, 261),
    "clone3": (435, 435), "io_uring_setup": (425, 425), "pidfd_open": (434, 434), "capset": (126, 91),
    "landlock_restrict_self": (446, 446), "fchmodat2": (452, 452), "process_vm_readv": (310, 270),
}  # fmt: skip
GENERIC_ALIASES = {"fadvise64": "fadvise64_64", "newfstatat": "fstatat", "umount2": "umount2"}


def numbers_in(header: Path) -> dict[str, int]:
    text = header.read_text("utf-8")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+) (\d+)$", text, re.MULTILINE)
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize("name", SAMPLE)
def test_the_tables_agree_with_a_frozen_sample(name):
    assert (X86_64.numbers[name], AARCH64.numbers[name]) == SAMPLE[name]


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=lambda m: m.name)
def test_the_tables_agree_with_the_headers_installed_here(machine):
    header = next((path for path in HEADERS[machine.name] if path.is_file()), None)
    theirs = numbers_in(header) if header else {}
    named = {name: theirs.get(name, theirs.get(GENERIC_ALIASES.get(name, ""))) for name in machine.numbers}
    wrong = {
        n: (machine.numbers[n], number)
        for n, number in named.items()
        if number not in (None, machine.numbers[n])
    }
    assert not wrong


@pytest.mark.parametrize("machine", [X86_64, AARCH64], ids=lambda m: m.name)
def test_no_number_stands_for_two_calls(machine):
    assert len(set(machine.numbers.values())) == len(machine.numbers)
