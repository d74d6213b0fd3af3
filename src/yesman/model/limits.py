"""What one plugin may use: one frozen value, with units. Standard library only (the child reads it)."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Resource limits of one plugin; ADR 0013 says why these values.

    The user changes those that ``yesman.model.limit_settings`` names.

    Attributes:
        memory_bytes: Of all its processes together: anonymous and shared memory, swapped out or
            not, and page tables. The host watches it and kills.
        data_bytes: RLIMIT_DATA: private writable memory, used or merely reserved. 1 GiB and not less,
            because numpy reserves about 40 MB a core on import and 20 threads need 160 MB of stack.
        cpu_seconds: Processor time of one command, and of all that runs outside of commands (events,
            background threads) together; comes back within :data:`CPU_WINDOW_SECONDS`. 0: no limit.
        command_seconds: For one command, from its start. 0: no limit.
        disk_bytes: Of its data and temporary folders together, unlinked open files included. 0: no limit.
        nice: Added to the niceness of the server.
        open_files: RLIMIT_NOFILE.
        file_bytes: RLIMIT_FSIZE: the largest file a plugin may write.
        stack_bytes: RLIMIT_STACK.
        load_seconds: From spawn until the plugin's ``initialize`` has returned.
        hook_seconds: For one event handler.
        provider_seconds: For one call of a provider by another plugin or the host, from the request on:
            starting and connecting it, and waiting for whatever else it does, are included.
        cancel_seconds: Between asking a handler to stop and killing the process.
        drain_seconds: For running calls to finish when the plugin is stopped, before it is asked to clean up.
        denials_per_second: Refused system calls that are answered at once; more of them wait.
        connects_per_second: Allowed connections, started threads, processes and programs likewise.
        session_calls_per_second: Services about sessions that are carried out at once; likewise.
        events_per_second: Events that are published, in the long run; likewise.
        host_share: Processor seconds a second that the server spends on what the plugin sends: its
            frames, the services it calls, its log. What is beyond is read later, never dropped.
        host_burst_seconds: How much of that may be saved up and spent at once.
        threads: Of all its processes together. As many of the usual stacks do not fit into
            ``data_bytes``; it bounds those who ask for small ones.
        processes: Its own and all that descend from it; more than one only with ``system.execute``.
    """

    memory_bytes: int = 512 * MIB
    data_bytes: int = 1024 * MIB
    cpu_seconds: float = 60.0
    command_seconds: float = 0.0
    disk_bytes: int = 1024 * MIB
    nice: int = 5
    open_files: int = 128
    file_bytes: int = 256 * MIB
    stack_bytes: int = 8 * MIB
    load_seconds: float = 10.0
    hook_seconds: float = 5.0
    provider_seconds: float = 60.0
    cancel_seconds: float = 2.0
    drain_seconds: float = 4.0
    denials_per_second: float = 200.0
    connects_per_second: float = 2_000.0
    session_calls_per_second: float = 50.0
    events_per_second: float = 50.0
    host_share: float = 0.25
    host_burst_seconds: float = 0.05
    threads: int = 256
    processes: int = 64


CPU_WINDOW_SECONDS = 600.0
"""``cpu_seconds`` comes back evenly over this long, so that a command may run for days and use little."""
