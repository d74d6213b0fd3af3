"""The only module that speaks to the kernel through ctypes.

Every function raises :class:`OSError` with the kernel's errno or succeeds; none decides.
By hand, because the published bindings misjudge success, cover files only or need a C
library (ADR 0003).
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

from yesman.sandbox.syscalls import Machine, this_machine

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.prctl.restype = ctypes.c_int

PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_DUMPABLE = 1, 3, 4
PR_SET_NAME, PR_CAPBSET_DROP, PR_SET_SECUREBITS = 15, 24, 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 39, 47, 4
SECURE_ALL_LOCKED = 0b11101111  # NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off and locked, NO_CAP_AMBIENT_RAISE

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446  # same on both machines
LANDLOCK_RULE_PATH_BENEATH = 1
OPENAT2, AT_FDCWD = 437, -100  # same on both machines
RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS = 2, 4
LANDLOCK_CREATE_RULESET_VERSION = 1
SECCOMP_SET_MODE_FILTER = 1
NEW_LISTENER, WAIT_KILLABLE_RECV = 1 << 3, 1 << 5  # Linux 5.0 and 5.19
CAPABILITY_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63  # the field's width; unknown ones answer EINVAL, which ends the loop


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _syscall(number: int, *arguments: object) -> int:
    ctypes.set_errno(0)
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, *arguments: int) -> int:
    """Call ``prctl(2)``; missing arguments are zero."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    ctypes.set_errno(0)
    result: int = _libc.prctl(ctypes.c_int(option), *padded)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def set_process_name(name: str) -> None:
    """Set what ``ps`` and ``top`` show; cut to 15 bytes by the kernel."""
    buffer = ctypes.create_string_buffer(name.encode()[:15])
    _libc.prctl(PR_SET_NAME, buffer, 0, 0, 0)


def open_without_links(path: str) -> int:
    """Open ``path`` with O_PATH, refusing symbolic links anywhere in it (``openat2``, Linux 5.6).

    Raises:
        OSError: ELOOP when a link is met, or as for ``open``.
    """
    how = (ctypes.c_uint64 * 3)(os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)
    return _syscall(
        OPENAT2,
        ctypes.c_int(AT_FDCWD),
        ctypes.c_char_p(os.fsencode(path)),
        ctypes.byref(how),
        ctypes.c_size_t(ctypes.sizeof(how)),
    )


def landlock_abi() -> int:
    """Return the kernel's Landlock ABI, 0 when there is none (Linux 5.13 brought ABI 1)."""
    try:
        return _syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def landlock_create(fs: int, net: int, scoped: int, *, size: int) -> int:
    """Create a ruleset and return its descriptor; ``size`` is the attribute size of the ABI in use."""
    attributes = _RulesetAttributes(fs, net, scoped)
    return _syscall(
        LANDLOCK_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )


def landlock_allow(ruleset: int, access: int, parent: int) -> None:
    """Allow ``access`` beneath the object behind descriptor ``parent``."""
    rule = _PathBeneath(access, parent)
    _syscall(
        LANDLOCK_ADD_RULE,
        ctypes.c_int(ruleset),
        ctypes.c_int(LANDLOCK_RULE_PATH_BENEATH),
        ctypes.byref(rule),
        ctypes.c_uint32(0),
    )


def landlock_restrict(ruleset: int) -> None:
    """Enforce ``ruleset`` on this thread (needs NO_NEW_PRIVS)."""
    _syscall(LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))


def install_filter(program: bytes, machine: Machine | None = None, *, flags: int = 0) -> int:
    """Install a seccomp filter on this thread (needs NO_NEW_PRIVS).

    Returns:
        The listener's descriptor where ``flags`` asked for one, else 0.
    """
    numbers = (machine or this_machine()).numbers
    value = _FilterProgram(len(program) // 8, program)
    return _syscall(
        numbers["seccomp"], ctypes.c_uint(SECCOMP_SET_MODE_FILTER), ctypes.c_uint(flags), ctypes.byref(value)
    )


def drop_capabilities() -> None:
    """Give up every capability in every set, and the ways root has to regain them."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    if os.geteuid() == 0:
        for capability in range(LAST_CAPABILITY + 1):
            try:
                prctl(PR_CAPBSET_DROP, capability)
            except OSError:
                break  # beyond the last one this kernel knows, or CAP_SETPCAP is not ours to use
        with suppress(PermissionError):  # root without CAP_SETPCAP; seccomp refuses exec all the same
            prctl(PR_SET_SECUREBITS, SECURE_ALL_LOCKED)
    numbers = this_machine().numbers
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    empty = (ctypes.c_uint32 * 6)()
    _syscall(numbers["capset"], ctypes.byref(header), ctypes.byref(empty))


def capabilities() -> int:
    """Return the union of the effective, permitted and inheritable sets, as a bit mask."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    _syscall(this_machine().numbers["capget"], ctypes.byref(header), ctypes.byref(sets))
    return (sets[0] | sets[1] | sets[2]) | (sets[3] | sets[4] | sets[5]) << 32
