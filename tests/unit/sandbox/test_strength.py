"""What a machine's confinement is worth, from facts given as data."""

from __future__ import annotations

import subprocess
import sys

import pytest

from yesman.sandbox.strength import NOT_REFUSED, Facts, Strength, judge

FULL = Facts("linux", "6.12.1-amd64", "x86_64", 6)


def test_a_recent_kernel_is_full_strength():
    assert judge(FULL) == Strength() == judge(FULL._replace(landlock_abi=7, machine="aarch64"))


@pytest.mark.parametrize(
    ("changed", "usable", "said"),
    [
        ({"platform": "darwin"}, False, "plugins are confined by the Linux kernel, and this is darwin"),
        ({"machine": "riscv64"}, False, "on x86_64 and aarch64 processors, and this is riscv64"),
        (
            {"kernel": "5.10.0", "landlock_abi": 0},
            False,
            "the kernel 5.10.0 has no Landlock, which came with",
        ),
        ({"landlock_abi": 0, "landlock": "EOPNOTSUPP"}, False, "switched off when the machine was started"),
        ({"landlock_abi": 0, "landlock": "ENOSYS"}, False, "or a container keeps it from us (ENOSYS)"),
        ({"landlock_abi": 0, "landlock": "EPERM"}, False, "or a container keeps it from us (EPERM)"),
        ({"landlock": NOT_REFUSED}, False, "Landlock did not refuse what it must"),
        ({"filter": "ENOSYS", "listener": "ENOSYS"}, False, "system calls cannot be filtered"),
        ({"filter": NOT_REFUSED}, False, "system calls cannot be filtered"),
        ({"listener": "EBUSY"}, True, "somebody else watches our system calls already"),
        (
            {"listener": "EINVAL", "kernel": "5.15.0"},
            True,
            "the kernel 5.15.0 cannot ask us about system calls",
        ),
        ({"listener": "EPERM"}, True, "the kernel asks nobody about system calls (EPERM)"),
        ({"kernel": "6.1.0", "landlock_abi": 2}, True, "older than that of Linux 6.12 (ABI 2, not 6)"),
    ],
)
def test_whatever_is_missing_is_one_clear_sentence(changed, usable, said):
    strength = judge(FULL._replace(**changed))
    assert (strength.usable, bool(strength.weak)) == (usable, True)
    assert said in strength.why
    assert "\n" not in strength.sentence


@pytest.mark.parametrize(("abi", "missing"), [(1, 4), (2, 4), (3, 3), (4, 2), (5, 1), (6, 0)])
def test_an_older_landlock_lacks_the_layers_that_came_later(abi, missing):
    weak = judge(FULL._replace(landlock_abi=abi)).weak
    assert len(weak) == missing
    assert all(layer.startswith("Landlock") for layer in weak)


def test_several_lacks_are_all_named_and_each_reason_once():
    strength = judge(FULL._replace(landlock_abi=2, listener="EBUSY"))
    assert "connect broker" in strength.weak
    assert strength.why.count("older than") == 1
    assert "; somebody else" in strength.why


def test_it_can_be_asked_on_any_system():
    program = "import sys, yesman.sandbox.strength; print('ctypes' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
