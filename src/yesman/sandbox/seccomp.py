"""The system-call policy: what a plugin may ask the kernel for, whatever its code does.

Always true of the filter: a foreign architecture or the x32 numbering kills the process; a
call that is not listed here fails with ENOSYS; no listed call can create a process or a thread
unasked, reach a process outside the plugin's Landlock domain, open a network socket, change
metadata unasked (Landlock does not guard that), take off the mark of
:mod:`yesman.sandbox.family` or undo the sandbox. Sources: ``man 2 seccomp``; the reasons stand by the rows.
"""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING, NamedTuple

from yesman.sandbox import bpf
from yesman.sandbox.bpf import WORD, Check, high, low
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from yesman.sandbox.syscalls import Machine

OWN_PID = 0x7A3B5C9D
"""Stands for the process's own pid until :meth:`Filter.for_process`; no pid is that large (2^22)."""
SIGNAL_CALLS = ("kill", "tgkill")
"""They compare with it, unless Landlock keeps signals within the plugin (ABI 6)."""

ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close
dup dup2 dup3 lseek fstat newfstatat stat lstat statx fstatfs statfs access faccessat faccessat2
readlink readlinkat getdents getdents64 getcwd chdir fchdir open openat openat2 creat
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
ftruncate fadvise64 readahead fsync fdatasync sync_file_range flock umask
copy_file_range sendfile pipe pipe2 eventfd eventfd2 signalfd signalfd4
timerfd_create timerfd_settime timerfd_gettime
epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
poll ppoll select pselect6
mprotect munmap mremap brk madvise msync mincore mlock munlock
futex futex_wait futex_wake futex_requeue futex_waitv set_robust_list get_robust_list rseq
membarrier set_tid_address gettid getpid getppid getuid geteuid getgid getegid getgroups
getresuid getresgid getpgrp getpgid getsid capget
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
pause restart_syscall exit exit_group wait4 waitid
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
getitimer setitimer alarm timer_create timer_settime timer_gettime timer_getoverrun timer_delete
uname sysinfo getrandom getrusage getrlimit getpriority getcpu get_mempolicy
sched_yield sched_getaffinity sched_getparam sched_getscheduler
sched_get_priority_max sched_get_priority_min
shutdown recvfrom recvmsg recvmmsg getsockname getpeername
""".split()  # noqa: SIM905 - a table to read, not two hundred quoted words

BROKERED = "connect"
"""Decided by the host, which makes the connection itself."""

METADATA = """
chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
utime utimes futimesat utimensat
""".split()  # noqa: SIM905 - a table of names reads best as text
"""Decided by the host too, which changes it itself: Landlock would let it be changed everywhere."""

REPORTED = """
execve execveat fork vfork unshare setns chroot pivot_root
ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp
pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo
mount umount2 open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick mount_setattr
statmount listmount swapon swapoff sethostname setdomainname reboot syslog acct
settimeofday clock_settime clock_adjtime adjtimex
bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
add_key request_key keyctl kexec_load kexec_file_load init_module finit_module delete_module
open_by_handle_at name_to_handle_at fanotify_init fanotify_mark quotactl quotactl_fd
memfd_create memfd_secret lookup_dcookie
shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset
bind listen accept accept4
""".split()  # noqa: SIM905 - a table of names reads best as text
"""Refused, and told to the host first, so that the refusal is on record whatever code asked."""

CLONE = "clone"
"""Told to the host like those, which counts threads and lets them pass; where nobody can be
asked, threads pass unasked and nothing else does."""

OWN_GROUPS = ("setsid", "setpgid")
"""For plugins that may start programs: shells, git and ``subprocess`` group what they start. Nothing
that finds the processes again rests on sessions or groups."""

REFUSED: dict[int, list[str]] = {
    errno.EPERM: """
        inotify_init inotify_init1 inotify_add_watch inotify_rm_watch mknod mknodat
        sched_setaffinity sched_setparam sched_setscheduler sched_setattr setpriority ioprio_set
        personality seccomp setrlimit vhangup
    """.split(),  # noqa: SIM905 - as above
    # What shutil.copystat, cp and sed take for "this file system has none", and do without.
    errno.ENOTSUP: """
        setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
        getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat
    """.split(),  # noqa: SIM905 - as above
}

SEGMENTS = "arch_prctl"
"""With it every program finds its thread-local storage as it starts (x86_64)."""
CATCHES = "rt_sigaction"
"""Told to the host for SIGCHLD alone, which sees to it that the handler interrupts nothing that waits
for the host: a fork that waits would fail with EINTR, and shells catch the end of every child."""
SIGCHLD = 17
_ARCH_PRCTL = (0x1001, 0x1002, 0x1003, 0x1004)
"""SET_GS SET_FS GET_FS GET_GS."""

KEEPS_SIGNALS = 6
"""The Landlock ABI from which signals stay among the processes of one plugin."""
CLONE_THREAD = 0x00010600
"""CLONE_THREAD, and CLONE_FILES and CLONE_FS with it: a table of its own would be a limit of its own."""
CLONE_NEW_ANY = 0x7E020000  # NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET
MSG_FASTOPEN = 0x20000000
SOCK_TYPE_MASK = ~(0o4000 | 0o2000000) & WORD  # without SOCK_NONBLOCK and SOCK_CLOEXEC
CLOSE_RANGE_UNSHARE = 2
SHARED_ANONYMOUS = 0x21
MAP_HUGETLB = 0x40000
MAP_GROWSDOWN = 0x100  # RLIMIT_DATA does not count it

_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1034)
"""DUPFD GETFD SETFD GETFL SETFL GETLK SETLK SETLKW, OFD locks, DUPFD_CLOEXEC, pipe size, GET_SEALS.
Not SETOWN, SETSIG, SETLEASE or NOTIFY: they make the kernel send signals."""
_IOCTL = (0x541B, 0x5421, 0x5450, 0x5451, 0x5401, 0x5413)
"""FIONREAD FIONBIO FIONCLEX FIOCLEX TCGETS TIOCGWINSZ; the kernel reads 32 bits, so do we."""
SIGN = 0x80000000
BINDS = "prctl"
"""Told to the host of a process that a template has forked, when it binds its life to its parent's."""
PR_SET_PDEATHSIG = 1
_PRCTL = (2, 3, 15, 16, 23, 39, 0x53564D41)
"""GET_PDEATHSIG GET_DUMPABLE SET_NAME GET_NAME CAPBSET_READ GET_NO_NEW_PRIVS SET_VMA."""
_SOCKET_OPTIONS = {
    1: (2, 7, 8, 9, 10, 13, 15, 18, 19, 20, 21),
    6: (1, 2, 3, 4, 5, 6, 12, 13, 18, 25, 36),
    41: (26,),
}
"""By level. SOL_SOCKET: REUSEADDR SNDBUF RCVBUF KEEPALIVE OOBINLINE LINGER REUSEPORT RCVLOWAT SNDLOWAT
and the timeouts, not ATTACH_FILTER or ATTACH_BPF. TCP: NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT
QUICKACK CONGESTION USER_TIMEOUT NOTSENT_LOWAT INQ, neither FASTOPEN nor ULP. IPV6: V6ONLY. IP: none."""


def _checked() -> dict[str, tuple[int, tuple[Check, ...]]]:
    """Rows of "allowed if every check passes, else this errno"."""
    to_self = (Check(low(0), WORD, (OWN_PID,)),)
    no_fast_open = {n: Check(low(n), MSG_FASTOPEN, (0,)) for n in (2, 3)}
    return {
        CLONE: (
            errno.EPERM,
            (Check(low(0), CLONE_NEW_ANY, (0,)), Check(low(0), CLONE_THREAD, (CLONE_THREAD,))),
        ),
        "kill": (errno.EPERM, to_self),
        "tgkill": (errno.EPERM, to_self),
        "mmap": (
            errno.EPERM,
            (
                # A file-less shared mapping is memory that RssAnon does not count.
                Check(low(3), SHARED_ANONYMOUS, (SHARED_ANONYMOUS,), expect=False),
                Check(low(3), MAP_HUGETLB | MAP_GROWSDOWN, (0,)),
            ),
        ),
        "socket": (
            errno.EPERM,
            (
                Check(low(0), WORD, (2, 10)),  # AF_INET, AF_INET6
                Check(low(1), SOCK_TYPE_MASK, (1,)),
                Check(low(2), WORD, (0, 6)),  # TCP; MPTCP would be another way out
            ),
        ),
        "socketpair": (errno.EPERM, (Check(low(0), WORD, (1,)), Check(low(1), SOCK_TYPE_MASK, (1,)))),
        "sendto": (
            errno.EPERM,
            (Check(low(4), WORD, (0,)), Check(high(4), WORD, (0,)), no_fast_open[3]),
        ),
        "sendmsg": (errno.EPERM, (no_fast_open[2],)),
        "sendmmsg": (errno.EPERM, (no_fast_open[3],)),
        "ioctl": (errno.ENOTTY, (Check(low(1), WORD, _IOCTL),)),
        "fcntl": (errno.EPERM, (Check(low(1), WORD, _FCNTL),)),
        "prctl": (errno.EPERM, (Check(low(0), WORD, _PRCTL),)),
        "prlimit64": (
            errno.EPERM,
            (Check(low(0), WORD, (0,)), Check(low(2), WORD, (0,)), Check(high(2), WORD, (0,))),
        ),
        # CLOSE_RANGE_UNSHARE would give a thread a table, and so a limit, of its own.
        "close_range": (errno.EINVAL, (Check(low(2), CLOSE_RANGE_UNSHARE, (0,)),)),
        # KEEP_SIZE would fill the disk past RLIMIT_FSIZE.
        "fallocate": (errno.EOPNOTSUPP, (Check(low(1), WORD, (0,)),)),
        # SO_PEERCRED, SO_PEERGROUPS and SO_PEERPIDFD of a lane tell of the server.
        "getsockopt": (errno.EPERM, (Check(low(2), WORD, (17, 59, 77), expect=False),)),
    }


class Filter(NamedTuple):
    """The BPF program, cut where the process's own pid belongs: made once, completed in each child."""

    parts: tuple[bytes, ...]

    def for_process(self, pid: int) -> bytes:
        """Return the program for process ``pid``, the only one that its signals may go to."""
        return struct.pack("=I", pid).join(self.parts)


def compile_filter(machine: Machine, *, landlock_abi: int, brokered: bool, executes: bool = False) -> Filter:
    """Return the filter for plugin processes.

    Args:
        machine: Whose system-call numbers to use.
        landlock_abi: Below 3 Landlock does not guard ``truncate``, so it is refused here.
        brokered: Whether the host listens: else what it would be asked is refused at once.
        executes: Whether it may start programs: its processes may then signal each other, which
            takes a Landlock that keeps signals among them, and group themselves.
    """
    signals = executes and landlock_abi >= KEEPS_SIGNALS
    rows = _rows(landlock_abi, brokered=brokered) | (_executing(signals=signals) if executes else {})
    return _compiled(machine, rows, own=not signals)


def compile_for_template(machine: Machine, *, landlock_abi: int, executes: bool) -> Filter:
    """Return the filter for a template and all that it forks, which inherit it with its number in it.

    So they may signal each other, and ask to die with their parent, which the host hears; else they may
    what plugins may.

    Raises:
        UnsupportedError: Landlock does not keep signals among them here.
    """
    if landlock_abi < KEEPS_SIGNALS:
        raise UnsupportedError(f"templates need Landlock ABI {KEEPS_SIGNALS}, and this is {landlock_abi}")
    rows = _rows(landlock_abi, brokered=True) | {name: _to_one_process() for name in SIGNAL_CALLS}
    rows |= (_executing(signals=True) if executes else {}) | {"prctl": _dying_with_the_parent()}
    return _compiled(machine, rows, own=False)


def _compiled(machine: Machine, rows: dict[str, bpf.Program], *, own: bool) -> Filter:
    """Return ``rows`` as a filter; ``own``: it compares with the process's own number."""
    known = sorted((machine.numbers[name], body) for name, body in rows.items() if name in machine.numbers)
    program = bpf.serialise([*_prologue(machine), *bpf.search(known, bpf.fail_with(errno.ENOSYS))])
    parts = tuple(program.split(struct.pack("=I", OWN_PID)))
    if len(parts) != 1 + (len(SIGNAL_CALLS) if own else 0):
        raise UnsupportedError("the filter for system calls was not made as intended")
    return Filter(parts)


def _rows(landlock_abi: int, *, brokered: bool) -> dict[str, bpf.Program]:
    asked = bpf.NOTIFY if brokered else bpf.fail_with(errno.EPERM)
    truncate = bpf.ALLOW if landlock_abi >= 3 else bpf.fail_with(errno.EPERM)  # noqa: PLR2004 - an ABI number
    answers = dict.fromkeys(ALLOWED, bpf.ALLOW) | {"truncate": truncate}
    answers |= dict.fromkeys((*REPORTED, *METADATA, BROKERED), asked)
    answers |= dict.fromkeys(OWN_GROUPS, bpf.fail_with(errno.EPERM))
    for error, names in REFUSED.items():
        answers |= dict.fromkeys(names, bpf.fail_with(error))
    rows = {name: [bpf.ret(answer)] for name, answer in answers.items()}
    for name, (error, checks) in _checked().items():
        # A check leaves an argument in the accumulator, but every path of the row returns.
        rows[name] = [
            *(part for check in checks for part in check.assemble(bpf.fail_with(error))),
            bpf.ret(bpf.ALLOW),
        ]
    if brokered:
        rows[CLONE] = [bpf.ret(bpf.NOTIFY)]
    rows["setsockopt"] = _by_level(_SOCKET_OPTIONS)
    return rows


def _executing(*, signals: bool) -> dict[str, bpf.Program]:
    """Return the rows that are different for plugins that may start programs."""
    free = (*OWN_GROUPS, *(SIGNAL_CALLS if signals else ()))
    own_segments = Check(low(0), WORD, _ARCH_PRCTL).assemble(bpf.fail_with(errno.EINVAL))
    catching = [
        *Check(low(0), WORD, (SIGCHLD,), expect=False).assemble(bpf.NOTIFY),
        bpf.ret(bpf.ALLOW),
    ]
    return {
        **{name: [bpf.ret(bpf.ALLOW)] for name in free},
        SEGMENTS: [*own_segments, bpf.ret(bpf.ALLOW)],
        CATCHES: catching,
    }


def _to_one_process() -> bpf.Program:
    """Return the row for a signal to one process, not to a group or everybody; Landlock says to which."""
    checks = (Check(low(0), WORD, (0,), expect=False), Check(low(0), SIGN, (0,)))
    refuse = bpf.fail_with(errno.EPERM)
    return [*(part for check in checks for part in check.assemble(refuse)), bpf.ret(bpf.ALLOW)]


def _dying_with_the_parent() -> bpf.Program:
    """Return the row for ``prctl`` that tells the host of PR_SET_PDEATHSIG for SIGKILL; for nothing less."""
    refuse = bpf.fail_with(errno.EPERM)
    checks = (Check(low(1), WORD, (9,)), Check(high(1), WORD, (0,)))
    body = [*(part for check in checks for part in check.assemble(refuse)), bpf.ret(bpf.NOTIFY)]
    others = Check(low(0), WORD, _PRCTL).assemble(refuse)
    start = [bpf.load(low(0)), bpf.Instruction(bpf.JEQ, 0, len(body), PR_SET_PDEATHSIG)]
    return [*start, *body, *others, bpf.ret(bpf.ALLOW)]


def _by_level(options: dict[int, tuple[int, ...]]) -> bpf.Program:
    """Return a body that allows ``setsockopt`` for the listed options of each level."""
    program: bpf.Program = []
    for level, allowed in options.items():
        body = [*Check(low(2), WORD, allowed).assemble(bpf.fail_with(errno.EPERM)), bpf.ret(bpf.ALLOW)]
        program += [bpf.load(low(1)), bpf.Instruction(bpf.JEQ, 0, len(body), level), *body]
    return [*program, bpf.ret(bpf.fail_with(errno.EPERM))]


def _prologue(machine: Machine) -> bpf.Program:
    kill = bpf.ret(bpf.KILL_PROCESS)
    program = [
        bpf.load(bpf.ARCH_OFFSET),
        bpf.Instruction(bpf.JEQ, 1, 0, machine.audit_arch),
        kill,
        bpf.load(bpf.NR_OFFSET),
    ]
    if machine.name == "x86_64":  # x32 calls carry the same architecture and a high bit
        program += [bpf.Instruction(bpf.JGE, 0, 1, 0x40000000), kill]
    return program
