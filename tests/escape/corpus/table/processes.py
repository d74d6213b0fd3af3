"""Other processes: making, signalling, tracing, and changing what one is."""

from __future__ import annotations

from corpus.attempt import DIFFERS, NOT_RUN, ROOT, SAME, A

ROWS = [
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
    A("change a limit", "s('prlimit64', 0, 7, __import__('struct').pack('QQ', 40, 40), None)", "EPERM"),
    A(
        "set another's limit",
        "s('prlimit64', T['victim'], 4, __import__('struct').pack('QQ', 1, 1), None)",
        "EPERM",
    ),
    A("set a limit the old way", "c('setrlimit', 4, bytes(16))", "EPERM"),
    A("change the own priority", "c('setpriority', 0, 0, 19)", "EPERM"),
    A("choose processors", "c('sched_setaffinity', 0, 8, bytes([255]) * 8)", "EPERM"),
    A("choose a scheduler", "c('sched_setscheduler', 0, 3, bytes(4))", "EPERM"),
    A("choose an I/O priority", "s('ioprio_set', 1, 0, 0x6000)", "EPERM"),
    A("switch off address randomisation", "s('personality', 0x40000)", "EPERM"),
    A("a session of its own", "s('setsid')", "EPERM"),
    A("a process group of its own", "s('setpgid', 0, 0)", "EPERM"),
    A("signal the zygote", "c('kill', T['zygote'], 0)", "EPERM"),
    A("signal a sibling", "c('kill', T['sibling'], 0)", "EPERM"),
    A("signal init", "c('kill', 1, 0)", "EPERM", ROOT),
    A("signal by a number with high bits", "s('kill', 1 << 32 | T['sibling'], 0)", "EPERM"),
    A("signal a sibling's thread", "s('tgkill', T['sibling'], T['sibling'], 0)", "EPERM"),
    A("signal a sibling by descriptor", "s('pidfd_open', T['sibling'], 0)", "EPERM"),
    A("the zygote's memory", "opened(f\"/proc/{T['zygote']}/mem\")", "EACCES"),
    A("the zygote's environment", "opened(f\"/proc/{T['zygote']}/environ\")", "EACCES"),
    A("a sibling's memory", "opened(f\"/proc/{T['sibling']}/mem\", 2)", "EACCES"),
    A("a sibling's descriptors", "opened(f\"/proc/{T['sibling']}/fd\", 0o200000)", "EACCES"),
    A("a sibling's folder", "opened(f\"/proc/{T['sibling']}/cwd/x\", 0o101)", "EACCES", SAME),  # ptrace rules
    A("a sibling's oom score", "opened(f\"/proc/{T['sibling']}/oom_score_adj\", 1)", "EACCES"),
    A("trace a sibling", "s('ptrace', 16, T['sibling'], 0, 0)", "EPERM", SAME),  # yama may say so too
    A("a sibling's limits", "s('prlimit64', T['sibling'], 7, None, bytes(16))", "EPERM"),
    A("a sibling's priority", "c('setpriority', 0, T['sibling'], 19)", "EPERM"),
    A("a sibling's processors", "c('sched_setaffinity', T['sibling'], 8, bytes([255]) * 8)", "EPERM"),
    A("release a dying process's memory", "s('process_mrelease', -1, 0)", "EPERM", DIFFERS),
    A("execute a script of one's own", "replaced(lambda: c('execve', script(), argv('x'), None))", "EPERM"),
    A(
        "execute an open file",
        "replaced(lambda: s('execveat', own('prog'), '', argv('x'), None, 0x1000))",
        "EPERM",
        DIFFERS,
    ),
    A("a shell", "shell('true')", "EPERM"),
    A(
        "vfork by the raw call",
        "s('clone', 0x4111, 0, 0, 0, 0)",
        "EPERM",
        NOT_RUN,
        note="it would share the memory",
    ),
    A("vfork", "s('vfork')", "EPERM", NOT_RUN, "x86_64", note="it would share the memory"),
    A("a child in a namespace of processes", "child(s('clone', 0x20000011, 0, 0, 0, 0))", "EPERM", ROOT),
    A(
        "a child in a namespace of users", "child(s('clone', 0x10000011, 0, 0, 0, 0))", "EPERM", SAME
    ),  # may be off
    A("a namespace of networks", "s('unshare', 0x40000000)", "EPERM", ROOT),
    A("a namespace of time", "s('unshare', 0x80)", "EPERM", ROOT),
    A("a namespace of control groups", "s('unshare', 0x2000000)", "EPERM", ROOT),
    A("regain root", "c('setuid', 0)", "EPERM", ROOT),
    A("regain root for files", "s('setfsuid', 0)", "EPERM"),
    A("keep capabilities", "s('prctl', 8, 1, 0, 0, 0)", "EPERM", SAME),  # locked securebits say so too
    A("allow new privileges", "s('prctl', 38, 0, 0, 0, 0)", "EPERM", DIFFERS),
    A("let anybody trace", "s('prctl', 0x59616d61, -1, 0, 0, 0)", "EPERM", SAME),  # yama may be absent
    A("move the own memory map", "s('prctl', 35, 1, 0, 0, 0)", "EPERM", SAME),  # needs a capability
    A("make the own system calls slow", "s('prctl', 59, 1, 0, 0, 0)", "EPERM", DIFFERS),
]
