"""The layers of the sandbox by name: what each enforces and what to do where it is missing. Data only."""

from __future__ import annotations

from typing import Final

PLANTED: Final = "YESMAN_DOCTOR_PLANTED"
"""A variable in the environment of what tries the layers, which no confined child may find."""

_CONTAINER = "Inside a container, allow it there; else report it"
ROWS: Final = {
    "files": (
        "Landlock files",
        "A plugin reaches no file outside its own folders and its grants",
        "Use Linux 5.13 or newer with 'landlock' among the 'lsm=' boot parameters",
    ),
    "truncate": (
        "Landlock truncate (ABI 3)",
        "A plugin cannot empty files outside its grants",
        "Use Linux 6.2 or newer",
    ),
    "tcp": (
        "Landlock TCP (ABI 4)",
        "TCP stays shut even if the filter had a hole",
        "Use Linux 6.7 or newer; until then the system-call filter alone refuses sockets",
    ),
    "ioctl": (
        "Landlock device ioctls (ABI 5)",
        "Devices cannot be steered even if the filter had a hole",
        "Use Linux 6.10 or newer; until then the system-call filter alone refuses them",
    ),
    "ipc": (
        "Landlock signals and abstract sockets (ABI 6)",
        "Other processes cannot be signalled or spoken to even if the filter had a hole",
        "Use Linux 6.12 or newer; until then the filter refuses them, and signals to a plugin's own programs",
    ),
    "filter": (
        "seccomp filter",
        "A plugin makes only the system calls on a list: no processes, no connections, no kernel features",
        f"Use a kernel with CONFIG_SECCOMP_FILTER. {_CONTAINER}",
    ),
    "broker": (
        "connect broker",
        "A plugin with network permissions connects only where they lead, whatever code it brings",
        f"Without it no plugin connects or starts programs; use Linux 5.19, ptrace_scope < 2. {_CONTAINER}",
    ),
    "privileges": (
        "no new privileges",
        "No program can give a plugin more rights than it has",
        _CONTAINER,
    ),
    "capabilities": (
        "capabilities dropped",
        "A plugin of root has none of root's powers over files and processes",
        _CONTAINER,
    ),
    "limits": (
        "resource limits",
        "A plugin cannot take all memory, disk or descriptors",
        "Look whether 'ulimit -H' allows less than plugins need",
    ),
    "environment": (
        "scrubbed environment",
        "A plugin sees none of your environment variables",
        "Report it: this needs nothing of the machine",
    ),
    "descriptors": (
        "descriptors closed",
        "A plugin inherits no open file or socket",
        "Report it: this needs nothing of the machine",
    ),
    "orphan": (
        "dies with the server",
        "No plugin outlives the server, whatever ends it",
        _CONTAINER,
    ),
    "library": (
        "interpreter stdlib readable",
        "Plugins find Python's standard library inside the sandbox",
        "Install Python where its files lie below its own prefix, such as Debian's python3",
    ),
}
"""Name, what it enforces, the next step; by the key that the attempts use."""
NAMES: Final = {key: name for key, (name, _, _) in ROWS.items()}
