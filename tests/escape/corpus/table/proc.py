"""What lies in /proc, /sys and /dev."""

from __future__ import annotations

from corpus.attempt import ROOT, SAME, A

ROWS = [
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
    A("own environment through the thread", "opened('/proc/thread-self/environ')", "EACCES"),
    A("own threads", "opened('/proc/self/task', 0o200000)", "EACCES"),
    A("own status", "opened('/proc/self/status')", "EACCES"),
    A("own mounts", "opened('/proc/self/mounts')", "EACCES"),
    A("a path turned into a descriptor", "opened(f\"/dev/fd/{opened(p('secret'), 0o10000000)}\")", "EACCES"),
    A("the list of processes", "opened('/proc', 0o200000)", "EACCES"),
    A("init's root", "opened('/proc/1/root/etc/passwd')", "EACCES", SAME),  # in a container
    A("the kernel's symbols", "opened('/proc/kallsyms')", "EACCES"),
    A("the machine's memory", "device('/dev/mem')", "EACCES", SAME),  # need not be there
    A("the kernel's messages", "device('/dev/kmsg')", "EACCES", SAME),  # same
    A("system requests", "device('/proc/sysrq-trigger', 1)", "EACCES", SAME),  # may be mounted read-only
    A("control groups", "opened('/sys/fs/cgroup', 0o200000)", "EACCES"),
    A("a loop device", "device('/dev/loop-control', 2)", "EACCES", SAME),  # need not be there
    A("a tunnel device", "device('/dev/net/tun', 2)", "EACCES", SAME),  # same
    A("a virtual machine", "device('/dev/kvm', 2)", "EACCES", SAME),  # same
    A("a file system in user space", "device('/dev/fuse', 2)", "EACCES", SAME),  # same
]
