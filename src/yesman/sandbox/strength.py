"""Is this machine's confinement full, weaker, or none? Facts in, one sentence out.

Decides, never acts, and can be imported on any system. Full means every layer that the kernel
of today has (Linux 6.12: Landlock ABI 6). The floor is Landlock for files and the filter for system
calls: without either nothing that could be called confinement is left, so nobody can allow that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from yesman.sandbox.layers import NAMES
from yesman.sandbox.syscalls import AARCH64, X86_64

LANDLOCK_SINCE: Final = (5, 13)
ABIS: Final = {"truncate": 3, "tcp": 4, "ioctl": 5, "ipc": 6}
"""The Landlock ABI that each layer needs; files need the first."""
FLOOR: Final = frozenset({"linux", "processor", "files", "filter"})
NOT_REFUSED: Final = "not refused"
"""In place of an error's name: the layer could be set up, and then let pass what it must not."""


class Facts(NamedTuple):
    """What was found out by trying.

    Attributes:
        platform: As ``sys.platform``.
        kernel: Its release, such as ``6.1.0-18-amd64``.
        machine: The processor, as ``uname -m``.
        landlock_abi: 0 for none.
        landlock: The name of the error that kept a domain from being made, or "".
        filter: Likewise for the filter of system calls.
        listener: Likewise for its listener, without which the host is asked nothing.
    """

    platform: str
    kernel: str
    machine: str
    landlock_abi: int = 0
    landlock: str = ""
    filter: str = ""
    listener: str = ""


@dataclass(frozen=True)
class Strength:
    """What a machine's confinement is worth.

    Attributes:
        weak: Names of the layers that are missing; none is full strength.
        why: What the machine lacks, without a full stop; "" at full strength.
        usable: Whether plugins could be run all the same, if somebody allows it.
    """

    weak: tuple[str, ...] = ()
    why: str = ""
    usable: bool = True

    @property
    def sentence(self) -> str:
        """What is shown wherever plugins run on a weaker machine."""
        return f"Plugins are confined less than fully: {self.why}. Missing: {', '.join(self.weak)}"


def judge(facts: Facts) -> Strength:
    """Return what ``facts`` amount to."""
    alien = unsupported(facts.platform, facts.machine)
    if alien:
        return Strength(("all",), alien, usable=False)
    reasons = {**_landlock(facts), **_seccomp(facts)}
    weak = tuple(NAMES[layer] for layer in reasons)
    why = "; ".join(dict.fromkeys(reasons.values()))
    return Strength(weak, why, usable=not FLOOR & set(reasons))


def unsupported(platform: str, machine: str) -> str:
    """Return why yesman can confine nothing on such a machine, "" if it can."""
    if platform != "linux":
        return f"plugins are confined by the Linux kernel, and this is {platform}"
    if machine not in {X86_64.name, AARCH64.name}:
        return f"plugins are confined on x86_64 and aarch64 processors, and this is {machine}"
    return ""


def _landlock(facts: Facts) -> dict[str, str]:
    """Return the layers that Landlock should enforce and does not, each with the reason."""
    if facts.landlock or facts.landlock_abi < 1:
        return dict.fromkeys(("files", *ABIS), _no_landlock(facts))
    missing = [layer for layer, abi in ABIS.items() if facts.landlock_abi < abi]
    abi = f"ABI {facts.landlock_abi}, not 6"
    why = f"the Landlock of the kernel {facts.kernel} is older than that of Linux 6.12 ({abi})"
    return dict.fromkeys(missing, why)


def _no_landlock(facts: Facts) -> str:
    if _release(facts.kernel) < LANDLOCK_SINCE:
        return f"the kernel {facts.kernel} has no Landlock, which came with Linux 5.13"
    if facts.landlock == "EOPNOTSUPP":
        return "Landlock was switched off when the machine was started ('lsm=' among the boot parameters)"
    if facts.landlock == NOT_REFUSED:
        return "Landlock did not refuse what it must"
    error = facts.landlock or "ENOSYS"
    return f"the kernel {facts.kernel} has no Landlock or a container keeps it from us ({error})"


def _seccomp(facts: Facts) -> dict[str, str]:
    if facts.filter:
        lacking = f"the kernel has no seccomp or a container keeps it from us ({facts.filter})"
        return dict.fromkeys(("filter", "broker"), f"system calls cannot be filtered: {lacking}")
    if facts.listener == "EBUSY":
        why = (
            "somebody else watches our system calls already, as some containers do, and there can be only one"
        )
        return {"broker": why}
    if facts.listener == "EINVAL":
        return {"broker": f"the kernel {facts.kernel} cannot ask us about system calls as Linux 5.19 can"}
    return (
        {"broker": f"the kernel asks nobody about system calls ({facts.listener})"} if facts.listener else {}
    )


def _release(kernel: str) -> tuple[int, int]:
    """Return the first two numbers of a release; of one that cannot be read, those of a recent one."""
    parts = [int("".join(filter(str.isdigit, part)) or 0) for part in kernel.split(".")[:2]]
    return (parts[0], parts[1]) if len(parts) > 1 else (99, 0)
