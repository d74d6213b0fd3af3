"""What one plugin may use: one frozen value, with units. Standard library only (the child reads it)."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Resource limits of one plugin process.

    Attributes:
        data_bytes: RLIMIT_DATA: private writable memory. 1 GiB and not less, because numpy
            reserves about 40 MB a core on import and 20 threads need 160 MB of stack.
        open_files: RLIMIT_NOFILE.
        file_bytes: RLIMIT_FSIZE: the largest file a plugin may write.
        stack_bytes: RLIMIT_STACK.
        load_seconds: From spawn until the plugin's ``initialize`` has returned.
        hook_seconds: For one event handler.
        cancel_seconds: Between asking a handler to stop and killing the process.
        denials_per_second: Refused system calls that are answered at once; more of them wait.
        connects_per_second: Allowed connections, started threads, processes and programs likewise.
        threads: Of all its processes together. As many of the usual stacks do not fit into
            ``data_bytes``; it bounds those who ask for small ones.
        processes: Its own and all that descend from it; more than one only with ``system.execute``.
    """

    data_bytes: int = 1024 * MIB
    open_files: int = 128
    file_bytes: int = 256 * MIB
    stack_bytes: int = 8 * MIB
    load_seconds: float = 10.0
    hook_seconds: float = 5.0
    cancel_seconds: float = 2.0
    denials_per_second: float = 200.0
    connects_per_second: float = 2_000.0
    threads: int = 256
    processes: int = 64
