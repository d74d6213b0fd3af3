"""The kernel: every family of calls, unknown numbers, foreign architectures."""

from __future__ import annotations

from corpus.attempt import DIFFERS, NOT_RUN, ROOT, SAME, A

RELATIVES = {
    "EPERM": """
        open_tree_attr shmdt semtimedop msgrcv mq_timedsend mq_timedreceive mq_notify mq_getsetattr
        setgid setreuid setregid setfsgid accept4 fchmodat lchown fchownat utime utimes futimesat
        lsetxattr fsetxattr setxattrat lremovexattr fremovexattr removexattrat inotify_init inotify_rm_watch
        mknod sched_setparam
    """,
    "ENOTSUP": "getxattr lgetxattr fgetxattr getxattrat llistxattr flistxattr listxattrat",
}
"""Calls that do what others above do, by the answer they must get."""

ROWS = [
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
    A("look up another's limits", "s('prlimit64', T['victim'], 7, None, bytes(16))", "EPERM"),
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
    A("move pipes", "s(275, -1, None, -1, None, 0, 0)", "ENOSYS", DIFFERS, "x86_64"),
    A("give pages to a pipe", "s(278, -1, None, 0, 0)", "ENOSYS", DIFFERS, "x86_64"),
    A("double a pipe", "s(276, -1, -1, 0, 0)", "ENOSYS", DIFFERS, "x86_64"),
    A("make all disks write", "s(162)", "ENOSYS", NOT_RUN, "x86_64", note="it takes long"),
    A("make one disk write", "s(306, -1)", "ENOSYS", DIFFERS, "x86_64"),
    A("the processor's ports", "s(172, 9)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("some of the processor's ports", "s(173, 0, 0, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("a segment of memory", "s(154, 0, None, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("old asynchronous input", "s(206, 0, None)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("place memory", "s(237, 0, 0, 0, 0, 0, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("place all memory", "s(238, 99, None, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("move memory", "s(256, -1, 0, None, None)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A(
        "move pages of another", "s(279, -1, 0, None, None, None, 0)", "ENOSYS", SAME, "x86_64"
    ),  # may be absent
    A("mix up a mapping", "s(216, 0, 0, 0, 0, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("load an old library", "s(134, None)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("old statistics", "s(136, -1, None)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("kinds of file systems", "s(139, 9)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("keys of memory", "s(330, 1, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("the thread's segment", "s(158, 0x1004, None)", "ENOSYS", DIFFERS, "x86_64"),
    A("rules of one's own", "s(444, bytes(8), 8, 0)", "ENOSYS", DIFFERS, "x86_64"),
    A("what is cached", "s(451, -1, None, None, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("seal memory", "s(462, 0, 0, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("a shadow stack", "s(453, 0, 0, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("labels of one's own", "s(459, 0, None, None, 0)", "ENOSYS", SAME, "x86_64"),  # may be absent
    A("keep accounts of processes", "s('acct', p('none'))", "EPERM", ROOT),
    A("a swap file", "s('swapon', p('none'), 0)", "EPERM", ROOT),
    A("name the domain", "s('setdomainname', None, -1)", "EPERM", ROOT),
    A("set the time of day", "s('settimeofday', None, -1)", "EPERM", DIFFERS),
    A("set a clock", "s('clock_settime', 0, None)", "EPERM", DIFFERS),
    A("tune a clock", "s('clock_adjtime', -1, None)", "EPERM", DIFFERS),
    A("load a module", "s('init_module', None, 0, '')", "EPERM", ROOT),
    A("another kernel from a file", "s('kexec_file_load', -1, -1, 0, None, 0)", "EPERM", ROOT),
    A("configure a file system", "s('fsconfig', -1, 0, None, None, 0)", "EPERM", DIFFERS),
    A("mount what was opened", "s('fsmount', -1, 0, 0)", "EPERM", ROOT),
    A("pick a mount", "s('fspick', -100, p('none'), 0)", "EPERM", ROOT),
    A("what is mounted", "s('statmount', None, None, 0, 0)", "EPERM", SAME),  # may be absent
    A("list mounts", "s('listmount', None, None, 0, 0)", "EPERM", SAME),  # same
    A("mark what fanotify watches", "s('fanotify_mark', -1, 0, 0, -1, None)", "EPERM", DIFFERS),
    A("quotas by descriptor", "s('quotactl_fd', -1, 0, 0, None)", "EPERM", SAME),  # may be absent
    A("where a file was opened", "s('lookup_dcookie', 0, None, 0)", "EPERM", SAME),  # same
    A("register with io_uring", "s('io_uring_register', -1, 0, None, 0)", "EPERM", DIFFERS),
    A("attach System V memory", "s('shmat', -1, None, 0)", "EPERM", DIFFERS),
    A("operate semaphores", "s('semop', -1, None, 0)", "EPERM", DIFFERS),
    A("send a System V message", "s('msgsnd', -1, None, 0, 0)", "EPERM", DIFFERS),
    A("remove a POSIX queue", "s('mq_unlink', 'yesman-none')", "EPERM", DIFFERS),
    A(
        "queue a signal to a thread",
        "s('rt_tgsigqueueinfo', T['victim'], T['victim'], 0, bytes(128))",
        "EPERM",
        SAME,
    ),  # own rules
    A(
        "a call of a 32-bit program that forks",
        "machine_code(bytes.fromhex('b802000000cd80c3'))",
        "SIGSYS",
        NOT_RUN,
        "x86_64",
        note="it would fork",
    ),
    A("a number with high bits", "s(1 << 32 | 0x40000000 + 39)", "SIGSYS", DIFFERS, "x86_64"),
    A("all numbers that are not listed", "unlisted()", "ENOSYS", NOT_RUN, "x86_64", note="they would work"),
]
ROWS += [  # without sense in their arguments: where they are not refused, the answer may be any
    A(f"by another call: {name}", f"s('{name}', -1, -1, -1, -1, -1, -1)", answer, SAME, "x86_64")
    for answer, names in RELATIVES.items()
    for name in names.split()
]
