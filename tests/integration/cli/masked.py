"""Runs a command on a machine that lacks something: not a test, a program for them.

``masked.py WHAT COMMAND…``: a system call by name is answered ENOSYS; ``listener`` means that
somebody else watches system calls already, so that a second listener gets EBUSY from the kernel itself.
"""

from __future__ import annotations

import errno
import subprocess
import sys

from yesman.sandbox import bpf, kernel
from yesman.sandbox.syscalls import this_machine


def main(what: str, command: list[str]) -> int:
    rows = (
        [] if what == "listener" else [(this_machine().numbers[what], [bpf.ret(bpf.fail_with(errno.ENOSYS))])]
    )
    program = bpf.serialise([bpf.load(bpf.NR_OFFSET), *bpf.search(rows, bpf.ALLOW)])
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    # The listener stays open here for as long as the command runs, and is asked nothing.
    kernel.install_filter(program, flags=kernel.NEW_LISTENER if what == "listener" else 0)
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
