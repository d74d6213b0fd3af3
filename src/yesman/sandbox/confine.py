"""The one-way street: a freshly forked child becomes a confined plugin process.

Runs in the child, before the plugin's first byte is read. The order is the argument:
descriptors go before anything can be inherited, capabilities before Landlock (which must
not rely on them), Landlock before seccomp (which removes the calls Landlock needs), and the
set of open descriptors is asserted last. Any failure ends the process: fail closed.
Source: the ring of ADR 0003; ``man 7 landlock``, ``man 2 seccomp``.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
from typing import TYPE_CHECKING, NamedTuple

from yesman.sandbox import family, kernel, landlock, seccomp
from yesman.sandbox.syscalls import this_machine
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from yesman.model.limits import Limits
    from yesman.sandbox.policy import Policy

SYSTEM_READ = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
    "/dev/urandom",
)
"""What the interpreter and shared libraries read, all of it public; no /proc, no /sys, no home.
Not /dev/zero: a shared mapping of it is memory that no limit counts."""
SIGNALS_PENDING = 256
"""Queued signals and POSIX timers of the user from which on a plugin gets no more of its own."""
DEVICE_WRITE = ("/dev/null",)
PROGRAMS_READ = (
    "/usr/bin",
    "/usr/sbin",
    "/usr/libexec",
    "/usr/share",
    "/usr/include",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/libexec",
    "/usr/local/share",
    "/bin",
    "/sbin",
    "/etc/alternatives",
    "/etc/gitconfig",
    "/etc/gitattributes",
    "/etc/nsswitch.conf",
    "/etc/protocols",
    "/etc/services",
)
"""What programs read besides, where the plugin may start some. Not /usr/local/etc or the rest of /etc."""
LOADERS = (
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
)
"""Every program with shared libraries is started through one of these, which the kernel executes."""


class Ring(NamedTuple):
    """What confinement needs from this machine: found out once, used for every plugin."""

    landlock_abi: int
    brokered: seccomp.Filter
    executing: seccomp.Filter
    closed: seccomp.Filter

    @classmethod
    def of_this_machine(cls) -> Ring:
        """Ask the kernel and compile.

        Raises:
            UnsupportedError: There is no system-call table for this processor.
        """
        return cls.for_abi(kernel.landlock_abi())

    @classmethod
    def for_abi(cls, abi: int) -> Ring:
        """Compile for a kernel of Landlock ``abi``, which may be older than this one; errors as above."""
        machine = this_machine()
        return cls(
            abi,
            seccomp.compile_filter(machine, landlock_abi=abi, brokered=True),
            seccomp.compile_filter(machine, landlock_abi=abi, brokered=True, executes=True),
            seccomp.compile_filter(machine, landlock_abi=abi, brokered=False),
        )


def confine(
    ring: Ring,
    policy: Policy,
    keep: tuple[int, ...],
    *,
    handover: int | None,
    parent: int,
    interpreter: tuple[str, ...],
    mark: int = 0,
    forks: bool = False,
) -> None:
    """Confine this process for good.

    Args:
        ring: What this machine enforces.
        policy: What it may touch.
        keep: The only descriptors besides 0, 1 and 2 that stay open; must be 3, 4, … in order.
        handover: A socket, the number after those of ``keep``, on which the host is given the
            listener of this process's system calls; closed here. None: nobody is asked.
        parent: The zygote's pid; if it is gone already, nobody supervises this process.
        interpreter: Real paths of the standard library, readable for every plugin.
        mark: By which this process and its descendants are found (:mod:`yesman.sandbox.family`).
        forks: Whether it is a template, which forks plugin processes when the host tells it to.

    Raises:
        UnsupportedError: When a layer cannot be enforced here.
        OSError: When the kernel refuses a step.
    """
    os.closerange(3 + len(keep) + (handover is not None), _descriptor_ceiling())
    os.setsid()
    os.umask(0o077)
    reset_signals()
    die_with(parent)
    os.environ.clear()
    os.environ.update(policy.environment)
    os.chdir(policy.data)
    limit(policy.limits)
    family.put_on(mark)
    give_up_privileges()
    restrict_files(ring, policy, interpreter)
    if handover is None:
        kernel.install_filter(ring.closed.for_process(os.getpid()))
    else:
        filter_system_calls(ring, handover, executes=bool(policy.execute), forks=forks)
    assert_descriptors({0, 1, 2, *keep})


def filter_system_calls(ring: Ring, handover: int, *, executes: bool, forks: bool = False) -> None:
    """Install the filter, let the host take its listener (:func:`notify.take_listener`), and keep neither.

    A listener kept here would let the process approve its own calls. Where there can be none
    (EBUSY: the process runs under somebody's already, as in some containers; EINVAL: before
    Linux 5.19) what the host would have been asked is refused at once, and the host hears
    that from the end of ``handover``. Nothing can be started then: nobody would count it.
    """
    pid = os.getpid()
    chosen = ring.executing if executes else ring.brokered
    if forks:  # compiled here: there are few templates, and nobody waits for one
        chosen = seccomp.compile_for_template(
            this_machine(), landlock_abi=ring.landlock_abi, executes=executes
        )
    with socket.socket(fileno=handover) as channel:
        try:
            listener = kernel.install_filter(
                chosen.for_process(pid),
                flags=kernel.NEW_LISTENER | kernel.WAIT_KILLABLE_RECV,
            )
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.EINVAL):
                raise
            kernel.install_filter(ring.closed.for_process(pid))
            return
        try:
            # Its number, not the descriptor: descriptors in flight are counted per user, so another
            # plugin that keeps many in flight could forbid this one to send any (ETOOMANYREFS).
            channel.sendall(b"%d" % listener)
            channel.recv(1)  # now the host has a duplicate, or is gone
        finally:
            os.close(listener)


def give_up_privileges() -> None:
    """Drop every capability and the ways to regain one. Also the zygote's first act: forks then cost less."""
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def restrict_files(ring: Ring, policy: Policy, interpreter: tuple[str, ...]) -> None:
    """Enter the Landlock domain of ``policy``; see :func:`confine` for arguments and errors."""
    programs = PROGRAMS_READ if policy.execute else ()
    landlock.restrict(
        (*SYSTEM_READ, *interpreter, *programs),
        _readable(policy),
        _writable(policy),
        abi=ring.landlock_abi,
        execute=(*map(os.path.realpath, LOADERS), *policy.execute) if policy.execute else (),
    )


def _readable(policy: Policy) -> list[str]:
    own = [policy.code, policy.packages] if policy.packages else [policy.code]
    return [*own, *policy.read]


def _writable(policy: Policy) -> list[str]:
    return [*DEVICE_WRITE, policy.data, policy.tmp, *policy.write]


def _descriptor_ceiling() -> int:
    return max(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4096)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends; end here if it has already."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def reset_signals() -> None:
    """Have every signal do what it does in a new program."""
    signal.set_wakeup_fd(-1)  # the zygote's number; here it will soon be a file of the plugin's
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as every Python program has it
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def limit(limits: Limits) -> None:
    """Set this process's resource limits, soft and hard."""
    os.nice(limits.nice)  # nothing lets it be raised again; the host does the same for the session
    rows = {
        resource.RLIMIT_DATA: limits.data_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_STACK: limits.stack_bytes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        # Counted per user: without it one plugin's timers could leave none for the user's programs.
        resource.RLIMIT_SIGPENDING: SIGNALS_PENDING,
        resource.RLIMIT_CORE: 1,  # 1, not 0: the kernel then never starts a piped core handler either
    }
    for which, value in rows.items():
        ceiling = resource.getrlimit(which)[1]
        if ceiling != resource.RLIM_INFINITY:
            value = min(value, ceiling)  # noqa: PLW2901 - a plain user cannot exceed the hard limit
        resource.setrlimit(which, (value, value))


def assert_descriptors(expected: set[int]) -> None:
    """Fail unless exactly ``expected`` is open; found by trying, since /proc is out of reach now."""
    found = set()
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.add(number)
    if found != expected:
        raise UnsupportedError(f"descriptors {sorted(found ^ expected)} should not be open or are missing")
