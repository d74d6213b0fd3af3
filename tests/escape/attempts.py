"""The attempts to escape, as data: one line each, with the answer it must get.

``code`` is an expression in the words of ``prelude.py``. ``confined`` is the answer a plugin
must get. ``control`` says what the same expression comes to without a sandbox, so that a
refusal can be told from an attempt that never works:

* WORKS: it succeeds, for root and for everybody else;
* DIFFERS: it fails there too, but otherwise;
* ROOT: as DIFFERS, but for root alone: the kernel refuses it to plain users the same way;
* SAME: the kernel may answer the same way on its own (the reason stands beside it).
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Control(Enum):
    """What the attempt comes to without a sandbox."""

    WORKS = "works"
    DIFFERS = "differs"
    ROOT = "root only"
    SAME = "may be the same"


WORKS, DIFFERS, ROOT, SAME = Control


class Attempt(NamedTuple):
    """One attempt; see the module's docstring."""

    name: str
    code: str
    confined: str
    control: Control = WORKS
    machine: str = ""


A = Attempt

FILES = [
    A("read a file of the system", "opened('/etc/passwd')", "EACCES"),
    A("read outside", "opened(p('secret'))", "EACCES"),
    A("read outside by raw openat", "s('openat', AT_FDCWD, p('secret'), 0)", "EACCES"),
    A("read outside by openat2", "s('openat2', AT_FDCWD, p('secret'), bytes(24), 24)", "EACCES"),
    A(
        "read outside from a folder opened as a path only",
        "c('openat', opened('/', 0o10000000), 'etc/passwd', 0)",
        "EACCES",
    ),
    A("climb out by dots", "opened(d('../outside/secret'))", "EACCES"),
    A("follow an own link out", "opened(linked(p('secret')))", "EACCES"),
    A("follow an own link to a folder", "opened(linked(p(''), 'folder') + '/secret')", "EACCES"),
    A("list outside", "opened(p(''), 0o200000)", "EACCES"),
    A("list the root", "opened('/', 0o200000)", "EACCES"),
    A("list through the current folder", "[c('chdir', T['outside']), opened('.', 0o200000)]", "EACCES"),
    A("write outside", "opened(p('secret'), 1)", "EACCES"),
    A("append outside", "opened(p('secret'), 1 | 0o2000)", "EACCES"),
    A("empty by opening", "opened(p('spare'), 0o1000)", "EACCES"),
    A("empty by name", "c('truncate', p('spare'), 0)", "EACCES"),
    A("create outside", "opened(p('new'), 0o101)", "EACCES"),
    A("create outside by creat", "c('creat', p('new2'), 0o600)", "EACCES"),
    A("create an unnamed file outside", "opened(p(''), 0o20200002)", "EACCES"),
    A("make a folder outside", "c('mkdir', p('made'), 0o700)", "EACCES"),
    A("remove a folder outside", "c('rmdir', p('empty'))", "EACCES"),
    A("remove a file outside", "c('unlink', p('doomed'))", "EACCES"),
    A("make a link outside", "c('symlink', 'x', p('made-link'))", "EACCES"),
    A("hard-link a secret in", "c('link', p('secret'), d('stolen'))", "EXDEV"),
    A("hard-link an own file out", "[own(), c('link', d('own'), p('planted'))]", "EACCES"),
    A("rename a secret in", "c('rename', p('moved'), d('moved'))", "EACCES"),
    A("rename an own file out", "[own('out'), c('rename', d('out'), p('out'))]", "EACCES"),
    A(
        "exchange with a file outside",
        "[own('swap'), s('renameat2', -100, d('swap'), -100, p('swap'), 2)]",
        "EACCES",
    ),
    A(
        "rename over the plugin's code",
        "[own('evil'), c('rename', d('evil'), T['code'] + '/src/victim.py')]",
        "EACCES",
    ),
    A("write the plugin's code", "opened(T['code'] + '/src/victim.py', 1)", "EACCES"),
    A("write the standard library", "opened(T['library'], 1)", "EACCES", ROOT),
    A("make a fifo", "c('mkfifo', d('fifo'), 0o600)", "EPERM"),
    A("make a device", "s('mknodat', -100, d('null'), 0o020666, 0x103)", "EPERM", ROOT),
    A("make a socket file", "s('mknodat', -100, d('sock'), 0o140600, 0)", "EPERM"),
    A("change an own file's mode", "[own(), c('chmod', d('own'), 0o777)]", "EPERM"),
    A("change an own descriptor's mode", "c('fchmod', own(), 0o4777)", "EPERM"),
    A("change a mode outside", "c('chmod', p('secret'), 0o777)", "EPERM"),
    A("change a mode by fchmodat2", "s('fchmodat2', -100, p('secret'), 0o644, 0)", "EPERM", DIFFERS),
    A("change an owner outside", "c('chown', p('secret'), -1, -1)", "EPERM"),
    A("change an owner through a descriptor", "c('fchown', own(), -1, -1)", "EPERM"),
    A("change times outside", "c('utimensat', AT_FDCWD, p('secret'), None, 0)", "EPERM"),
    A("set an attribute outside", "c('setxattr', p('secret'), 'user.x', 'y', 1, 0)", "EPERM", DIFFERS),
    A("remove an attribute outside", "c('removexattr', p('secret'), 'user.none')", "EPERM", DIFFERS),
    A(
        "read an attribute outside", "c('listxattr', p('secret'), None, 0)", "ENOTSUP", SAME
    ),  # as file systems do
    A("watch a folder", "c('inotify_add_watch', c('inotify_init1', 0), p(''), 0x100)", "EPERM"),
    A("watch a mount", "s('fanotify_init', 0, 0)", "EPERM", ROOT),
    A("get a handle", "s('name_to_handle_at', -100, p('secret'), bytes(8), bytes(8), 0)", "EPERM", DIFFERS),
    A("open a handle", "s('open_by_handle_at', -100, bytes(16), 0)", "EPERM", ROOT),
    A("change the root", "c('chroot', T['data'])", "EPERM", ROOT),
    A(
        "stat outside (known: no kernel layer covers it)",
        "s('statx', -100, p('secret'), 0, 0x7ff, bytes(256))",
        "done",
    ),
]

PROC_AND_DEV = [
    A("own environment", "opened('/proc/self/environ')", "EACCES"),
    A("own memory map", "opened('/proc/self/maps')", "EACCES"),
    A("own memory", "opened('/proc/self/mem', 2)", "EACCES"),
    A("own descriptors", "opened('/proc/self/fd', 0o200000)", "EACCES"),
    A("root through proc", "opened('/proc/self/root/etc/passwd')", "EACCES"),
    A("the host's environment", "opened(f\"/proc/{T['host']}/environ\")", "EACCES"),
    A("the host's memory", "opened(f\"/proc/{T['host']}/mem\")", "EACCES"),
    A("the host's command line", "opened(f\"/proc/{T['host']}/cmdline\")", "EACCES"),
    A("the core pattern", "opened('/proc/sys/kernel/core_pattern', 1)", "EACCES", ROOT),
    A("sysfs", "opened('/sys', 0o200000)", "EACCES"),
    A("shared memory", "opened('/dev/shm', 0o200000)", "EACCES"),
    A("a new terminal", "opened('/dev/ptmx', 2)", "EACCES"),
    A("a full device", "opened('/dev/full', 2)", "EACCES"),
    A("zeros to share", "opened('/dev/zero', 2)", "EACCES"),
    A("random numbers, to disturb", "opened('/dev/urandom', 1)", "EACCES"),
]

PROCESSES = [
    A("fork", "child(c('fork'))", "EPERM"),
    A("fork by the raw call", "child(s('fork'))", "EPERM", machine="x86_64"),
    A("fork by clone", "child(s('clone', 17, 0, 0, 0, 0))", "EPERM"),
    A(
        "fork by clone3",
        "child(s('clone3', (__import__('ctypes').c_uint64 * 11)(0, 0, 0, 0, 17), 88))",
        "ENOSYS",
    ),
    A("a thread with descriptors of its own", "s('clone', 0x10f00 & ~0x400, 0, 0, 0, 0)", "EPERM", DIFFERS),
    A("a thread in a namespace of its own", "s('clone', 0x10000000 | 0x10f00, 0, 0, 0, 0)", "EPERM", DIFFERS),
    A("execute", "replaced(lambda: c('execve', '/bin/true', argv('true'), None))", "EPERM"),
    A(
        "execute by descriptor",
        "replaced(lambda: s('execveat', -100, '/bin/true', argv('true'), None, 0))",
        "EPERM",
    ),
    A(
        "execute through the loader",
        "replaced(lambda: c('execv', T['loader'], argv('ld', '/bin/true')))",
        "EPERM",
    ),
    A("spawn", "spawned('/bin/true')", "EPERM"),
    A("signal the host", "c('kill', T['host'], 0)", "EPERM"),
    A("signal everybody", "c('kill', -1, 0)", "EPERM"),
    A("signal the own group", "c('kill', 0, 0)", "EPERM"),
    A("signal a thread of another", "s('tgkill', T['victim'], T['victim'], 0)", "EPERM"),
    A("signal by the old call", "s('tkill', T['victim'], 0)", "EPERM"),
    A(
        "queue a signal", "s('rt_sigqueueinfo', T['victim'], 0, bytes(128))", "EPERM", SAME
    ),  # EPERM by its own rules
    A("open a process", "s('pidfd_open', T['victim'], 0)", "EPERM"),
    A("signal by descriptor", "s('pidfd_send_signal', 0, 0, None, 0)", "EPERM", DIFFERS),
    A("take a descriptor", "s('pidfd_getfd', 0, 0, 0)", "EPERM", DIFFERS),
    A("let oneself be traced", "s('ptrace', 0, 0, 0, 0)", "EPERM"),
    A("trace another", "s('ptrace', 0x4206, T['victim'], 0, 0)", "EPERM"),
    A(
        "read another's memory",
        "s('process_vm_readv', T['victim'], iovec(), 1, iovec(), 1, 0)",
        "EPERM",
        DIFFERS,
    ),
    A(
        "write another's memory",
        "s('process_vm_writev', T['victim'], iovec(), 1, iovec(), 1, 0)",
        "EPERM",
        DIFFERS,
    ),
    A("advise another's memory", "s('process_madvise', 0, iovec(), 1, 0, 0)", "EPERM", DIFFERS),
    A(
        "compare processes", "s('kcmp', T['victim'], T['victim'], 1, 0, 0)", "EPERM", SAME
    ),  # may be configured out
    A("live on without the server", "s('prctl', 1, 0, 0, 0, 0)", "EPERM"),
    A("change dumpability", "s('prctl', 4, 0, 0, 0, 0)", "EPERM"),
    A("adopt orphans", "s('prctl', 36, 1, 0, 0, 0)", "EPERM"),
    A("add a filter by prctl", "s('prctl', 22, 2, 0, 0, 0)", "EPERM", DIFFERS),
    A("add a filter", "s('seccomp', 1, 0, None)", "EPERM", DIFFERS),
    A(
        "raise an ambient capability", "s('prctl', 47, 2, 0, 0, 0)", "EPERM", SAME
    ),  # plain rules say EPERM too
    A("a user namespace", "s('unshare', 0x10000000)", "EPERM", SAME),  # may be switched off
    A("a mount namespace", "s('unshare', 0x20000)", "EPERM", ROOT),
    A("unshare files", "s('unshare', 0x400)", "EPERM"),
    A("enter a namespace", "s('setns', 0, 0)", "EPERM", DIFFERS),
    A("set the own user id", "s('setresuid', -1, -1, -1)", "EPERM"),
    A("set the own group id", "s('setresgid', -1, -1, -1)", "EPERM"),
    A("set groups", "s('setgroups', 0, None)", "EPERM", ROOT),
    A("set capabilities", "s('capset', __import__('struct').pack('II', 0x20080522, 0), bytes(24))", "EPERM"),
    A("raise a limit", "s('prlimit64', 0, 7, __import__('struct').pack('QQ', 64, 64), None)", "EPERM"),
    A(
        "set another's limit",
        "s('prlimit64', T['victim'], 4, __import__('struct').pack('QQ', 1, 1), None)",
        "EPERM",
    ),
    A("set a limit the old way", "c('setrlimit', 4, __import__('struct').pack('QQ', 1, 1))", "EPERM"),
    A("change the own priority", "c('setpriority', 0, 0, 19)", "EPERM"),
    A("choose processors", "c('sched_setaffinity', 0, 8, bytes([255]) * 8)", "EPERM"),
    A("choose a scheduler", "c('sched_setscheduler', 0, 3, bytes(4))", "EPERM"),
    A("choose an I/O priority", "s('ioprio_set', 1, 0, 0x6000)", "EPERM"),
    A("switch off address randomisation", "s('personality', 0x40000)", "EPERM"),
    A("a session of its own", "s('setsid')", "EPERM"),
    A("a process group of its own", "s('setpgid', 0, 0)", "EPERM"),
]

NETWORK = [
    A("connect over IPv4", "c('connect', tcp(), address(), 16)", "EACCES"),
    A("connect over IPv6", "c('connect', tcp(10), address_in_v6(), 28)", "EACCES", SAME),  # IPv6 may be off
    A("connect to no family", "c('connect', tcp(), bytes(16), 16)", "EACCES"),
    A("connect to a longer address", "c('connect', tcp(), address() + bytes(16), 32)", "EACCES"),
    A("listen without a name", "c('listen', tcp(), 1)", "EPERM"),
    A("bind to any port", "c('bind', tcp(), b'\\2' + bytes(15), 16)", "EPERM"),
    A("fast open", "c('sendto', tcp(), b'x', 1, 0x20000000, address(), 16)", "EPERM"),
    A("fast open by an option", "c('setsockopt', tcp(), 6, 30, b'\\1\\0\\0\\0', 4)", "EPERM"),
    A("fast open for listeners", "c('setsockopt', tcp(), 6, 23, b'\\1\\0\\0\\0', 4)", "EPERM"),
    A("bind to an interface", "c('setsockopt', tcp(), 1, 25, 'lo', 2)", "EPERM"),
    A("UDP", "c('socket', 2, 2, 0)", "EPERM"),
    A("UDP over IPv6", "c('socket', 10, 2, 17)", "EPERM", SAME),  # IPv6 may be off
    A("SCTP", "c('socket', 2, 1, 132)", "EPERM", DIFFERS),
    A("MPTCP", "c('socket', 2, 1, 262)", "EPERM", DIFFERS),
    A("raw IP", "c('socket', 2, 3, 1)", "EPERM", ROOT),
    A("ping sockets", "c('socket', 2, 2, 1)", "EPERM", DIFFERS),
    A("local stream sockets", "c('socket', 1, 1, 0)", "EPERM"),
    A("local datagram sockets", "c('socket', 1, 2, 0)", "EPERM"),
    A("netlink", "c('socket', 16, 3, 0)", "EPERM"),
    A("packets", "c('socket', 17, 3, 0)", "EPERM", ROOT),
    A("kernel crypto", "c('socket', 38, 5, 0)", "EPERM", DIFFERS),
    A("virtual machine sockets", "c('socket', 40, 1, 0)", "EPERM", DIFFERS),
    A("Bluetooth", "c('socket', 31, 3, 0)", "EPERM", DIFFERS),
    A("no such family", "c('socket', 99, 1, 0)", "EPERM", DIFFERS),
    A("a pair of datagram sockets", "socket_pair(2)", "EPERM"),
    A("a pair of packet sockets", "socket_pair(5)", "EPERM"),
    A("connect a pair", "c('connect', pair(), address(), 16)", "EACCES", DIFFERS),
    A(
        "connect to an abstract socket",
        "c('connect', pair(), b'\\1\\0\\0' + T['abstract'].encode(), 32)",
        "EACCES",
        DIFFERS,
    ),
    A("bind", "c('bind', pair(), b'\\1\\0\\0own', 6)", "EPERM", DIFFERS),
    A("listen", "c('listen', pair(), 1)", "EPERM", DIFFERS),
    A("accept", "c('accept', pair(), None, None)", "EPERM", DIFFERS),
    A("send to an address", "c('sendto', pair(), b'x', 1, 0, address(), 16)", "EPERM", DIFFERS),
    A(
        "fast open by sendto", "c('sendto', pair(), b'x', 1, 0x20000000, None, 0)", "EPERM", SAME
    ),  # ignored by some
    A("who listens at the other end", "c('getsockopt', pair(), 1, 77, bytes(4), bytes(4))", "EPERM", DIFFERS),
    A("attach a filter to a socket", "c('setsockopt', pair(), 1, 26, bytes(16), 16)", "EPERM", DIFFERS),
    A("a TCP option", "c('setsockopt', pair(), 6, 31, b'tls', 3)", "EPERM", DIFFERS),
]

KERNEL = [
    A("mount", "c('mount', None, None, None, 0, None)", "EPERM", ROOT),
    A("unmount", "s('umount2', p('none'), 0)", "EPERM", ROOT),
    A("pivot the root", "s('pivot_root', None, None)", "EPERM", ROOT),
    A("open a tree", "s('open_tree', AT_FDCWD, p(''), 0)", "EPERM"),
    A("open a file system", "s('fsopen', 'tmpfs', 0)", "EPERM", ROOT),
    A("move a mount", "s('move_mount', 0, '', 0, '', 0)", "EPERM", ROOT),
    A("change a mount", "s('mount_setattr', -1, '', 0, bytes(32), 32)", "EPERM", ROOT),
    A("swap", "s('swapoff', p('none'))", "EPERM", ROOT),
    A("name the host", "s('sethostname', None, -1)", "EPERM", ROOT),
    A("restart the machine", "s('reboot', 0, 0, 0, 0)", "EPERM", ROOT),
    A("read the clock's tuning", "s('adjtimex', bytes(208))", "EPERM"),
    A("read the kernel's log", "s('syslog', 10, None, 0)", "EPERM", ROOT),
    A("a BPF program", "s('bpf', 99, None, 0)", "EPERM", ROOT),
    A("performance counters", "s('perf_event_open', None, 0, -1, -1, 0)", "EPERM", DIFFERS),
    A("user faults", "s('userfaultfd', 0)", "EPERM", ROOT),
    A("io_uring", "s('io_uring_setup', 1, bytes(120))", "EPERM", SAME),  # may be switched off
    A("io_uring on a descriptor", "s('io_uring_enter', -1, 0, 0, 0, None, 0)", "EPERM", DIFFERS),
    A("a key", "s('add_key', 'user', 'yesman-test', 'x', 1, -2)", "EPERM", DIFFERS),
    A("the session's keys", "s('keyctl', 0, -3, 0)", "EPERM", DIFFERS),
    A("ask for a key", "s('request_key', 'user', 'yesman-none', None, -2)", "EPERM", DIFFERS),
    A("a module", "s('finit_module', -1, '', 0)", "EPERM", ROOT),
    A("remove a module", "s('delete_module', 'yesman-none', 0)", "EPERM", ROOT),
    A("another kernel", "s('kexec_load', 0, -1, None, 0)", "EPERM", ROOT),
    A("quotas", "s('quotactl', 0x800003 << 8, None, 0, None)", "EPERM", DIFFERS),
    A("a file in memory", "c('memfd_create', 'x', 0)", "EPERM"),
    A("a secret file in memory", "s('memfd_secret', 0)", "EPERM", SAME),  # may be switched off
    A("System V memory", "removed(c('shmget', 0, 4096, 0o1600), 'shmctl')", "EPERM"),
    A("System V semaphores", "removed(c('semget', 0, 1, 0o1600), 'semctl')", "EPERM"),
    A("System V messages", "removed(c('msgget', 0, 0o1600), 'msgctl')", "EPERM"),
    A("POSIX messages", "s('mq_open', 'yesman-none', 0, 0, None)", "EPERM", DIFFERS),
    A("shared memory without a file", "mapped(0x21)", "EPERM"),
    A("shared memory by the newer flag", "mapped(0x23)", "EPERM", DIFFERS),
    A("memory that grows downwards, uncounted", "mapped(0x122, -1, 1 << 16)", "EPERM"),
    A("look up another's limits", "s('prlimit64', T['victim'], 7, None, bytes(16))", "EPERM"),
    A(
        "disk space beyond the size of a file",
        "s('fallocate', opened(d('long'), 0o102), 1, 0, 1 << 20)",
        "ENOTSUP",
    ),
    A("huge pages", "mapped(0x40022, -1, 2 << 20)", "EPERM", DIFFERS),
    A("type into a terminal", "c('ioctl', opened(T['terminal'], 2), 0x5412, b'x')", "ENOTTY", DIFFERS),
    A(
        "type with high bits",
        "s('ioctl', opened(T['terminal'], 2), 0x5412 | 1 << 32, b'x')",
        "ENOTTY",
        DIFFERS,
    ),
    A(
        "steer a console", "c('ioctl', opened(T['terminal'], 2), 0x541C, b'\\x02')", "ENOTTY", SAME
    ),  # not a console
    A("take a terminal", "c('ioctl', opened(T['terminal'], 2), 0x540E, 0)", "ENOTTY", DIFFERS),
    A("list network interfaces", "c('ioctl', pair(), 0x8912, bytes(16))", "ENOTTY", DIFFERS),
    A("signals on input", "c('ioctl', pair(), 0x5452, bytes([1, 0, 0, 0]))", "ENOTTY"),
    A("signals to an owner", "c('fcntl', pair(), 8, T['victim'])", "EPERM"),
    A("a signal of choice", "c('fcntl', pair(), 10, 9)", "EPERM"),
    A("a lease", "c('fcntl', own('leased'), 1024, 1)", "EPERM"),
    A("notices of a folder", "c('fcntl', opened(T['data'], 0o200000), 1026, 1)", "EPERM", DIFFERS),
    A("a call in the x32 numbering", "s(0x40000000 + 39)", "SIGSYS", DIFFERS, "x86_64"),
    A("execute in the x32 numbering", "s(0x40000000 + 520)", "SIGSYS", DIFFERS, "x86_64"),
    A(
        "a call of a 32-bit program",
        "machine_code(bytes.fromhex('b814000000cd80c3'))",
        "SIGSYS",
        DIFFERS,
        "x86_64",
    ),
    A("a call below zero", "s(-1)", "SIGSYS", DIFFERS, "x86_64"),
    A("a call no kernel has yet", "s(999)", "ENOSYS", SAME),  # that is the point
    A("another Landlock domain", "s('landlock_restrict_self', -1, 0)", "ENOSYS", DIFFERS),
]

ATTEMPTS = {
    "files": FILES,
    "proc and dev": PROC_AND_DEV,
    "processes": PROCESSES,
    "network": NETWORK,
    "kernel": KERNEL,
}
