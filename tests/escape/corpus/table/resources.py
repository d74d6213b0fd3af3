"""Resources: memory of every kind, disk, descriptors, threads, processors, and ways to die."""

from __future__ import annotations

from corpus.attempt import DIFFERS, NOT_RUN, ROOT, SAME, A

MIB = 1 << 20
SHORT = {"command_seconds": 1.0}

ROWS = [
    A("memory at once", "memory(1 << 30, 1 << 30)", "MemoryError", SAME),  # limited there too
    A("memory in small pieces", "memory(1 << 30)", "MemoryError", SAME),  # same
    A("memory by mapping", "mapped(0x22, -1, 1 << 30)", "ENOMEM", SAME),  # same
    A("memory by mapping ahead", "mapped(0x8022, -1, 1 << 30)", "ENOMEM", SAME),  # same
    A("memory by remapping", "grown(1 << 30)", "ENOMEM", SAME),  # same
    A("memory by the program break", "heap(1 << 30)", "ENOMEM", SAME),  # same
    A(
        "memory below the limit of one kind",
        "memory(160 << 20, hold=3)",
        "memory",
        SAME,
        limits={"memory_bytes": 64 * MIB},
    ),  # same
    A("memory shared without a file", "mapped(0x21, -1, 64 << 20)", "EPERM"),
    A("memory in System V segments", "removed(c('shmget', 0, 64 << 20, 0o1600), 'shmctl')", "EPERM"),
    A("memory in files without a name", "c('ftruncate', c('memfd_create', 'x', 0), 512 << 20)", "EPERM"),
    A("memory of huge pages", "mapped(0x40022, -1, 2 << 20)", "EPERM", DIFFERS),
    A("memory that grows downwards", "mapped(0x122, -1, 1 << 16)", "EPERM"),
    A("memory that stays", "s('mlock', mapped(0x22), 4096)", "EPERM"),
    A("memory that stays, by the newer call", "s(325, mapped(0x22), 4096, 0)", "ENOSYS", DIFFERS, "x86_64"),
    A("all memory stays", "s(151, 1)", "ENOSYS", DIFFERS, "x86_64"),
    A(
        "a second stack limit",
        "s('prlimit64', 0, 3, __import__('struct').pack('QQ', 1 << 20, 1 << 20), None)",
        "EPERM",
    ),
    A("descriptors", "descriptors(5000)", "EMFILE", SAME),  # limited there too
    A("descriptors in flight", "descriptors_in_flight(4096)", "ETOOMANYREFS", SAME),  # limited there too
    A("a table of descriptors by close_range", "s('close_range', 200, 300, 2)", "EINVAL"),
    A("a table of descriptors for a thread", "s('clone', 0x10f00 & ~0x400, 0, 0, 0, 0)", "EPERM", DIFFERS),
    A("buffers of sockets", "buffers(100)", "EMFILE", SAME),  # limited there too
    A("one large file", "written(d('large'), 24 << 20)", "EFBIG"),
    A("a file that says it is large", "sparse(d('sparse'), 1 << 40)", "EFBIG"),
    A("large by cutting", "[own('cut'), c('truncate', d('cut'), 1 << 40)]", "EFBIG"),
    A(
        "space beyond the size of a file",
        "s('fallocate', opened(d('long'), 0o102), 1, 0, 1 << 20)",
        "ENOTSUP",
    ),
    A("space at once", "s('fallocate', opened(d('long'), 0o102), 0, 0, 32 << 20)", "EFBIG"),
    A("many files", "files(T['data'], 8, 8 << 20, 3)", "disk", limits={"disk_bytes": 24 * MIB}),
    A("many empty files", "files(T['data'], 2000, 0, 3)", "disk", limits={"disk_bytes": 4 * MIB}),
    A("threads", "threads(500)", "EAGAIN", SAME, limits={"threads": 32}),  # stacks fill the memory there
    A("a processor", "spin(3)", "timeout", limits={"cpu_seconds": 1.0}),
    A("a processor, whatever one is told", "spin_stubbornly(3)", "timeout", limits={"cpu_seconds": 1.0}),
    A("waiting without end", "signal.pause()", "timeout", NOT_RUN, note="it waits 30 s", limits=SHORT),
    A("a main thread that ends alone", "left_alone()", "SIGKILL", NOT_RUN, note="same", limits=SHORT),
    A("recursion", "recurse()", "RecursionError", SAME),  # Python's own limit
    A("the end of the stack", "overflow()", "SIGSEGV", SAME),  # a matter of that process alone
    A("a segmentation fault", "crash(11)", "SIGSEGV", SAME),  # same
    A("an abort", "crash(6)", "SIGABRT", SAME),  # same
    A("a bus error", "crash(7)", "SIGBUS", SAME),  # same
    A("a leave without a word", "os._exit(0)", "exited", NOT_RUN, note="its host raises EOFError"),
    A("a core dump", "s('prlimit64', 0, 4, __import__('struct').pack('QQ', 1, 1), None)", "EPERM", SAME),
    A("a core dump by being dumpable", "s('prctl', 4, 1, 0, 0, 0)", "EPERM"),
    A("a higher priority", "c('setpriority', 0, 0, -5)", "EPERM", ROOT),
    A("real time", "c('sched_setscheduler', 0, 1, b'\\1\\0\\0\\0')", "EPERM", ROOT),
    A("a deadline of one's own", "s('sched_setattr', 0, bytes(48), 0)", "EPERM", SAME),  # E2BIG or nothing
]
