"""What one plugin process may touch, as a value. Standard library only.

The host decides it (``yesman.runtime.grants_policy``) and sends it to the zygote as data;
the child turns it into kernel state before any line of the plugin runs.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from yesman.model.limits import Limits

SHARE = "YESMAN_SHARE"
"""In the environment of a process that compiles: which files are its own, ``0/2`` and ``1/2`` being all."""

EXIT_UNCONFINED = 70
"""Exit code (EX_SOFTWARE) of a child that could not be confined and so never ran anything."""


@dataclass(frozen=True)
class Policy:
    """Everything that confinement needs to know; equal policies need no restart.

    Attributes:
        plugin: The plugin's name.
        read: Absolute real paths that may be read.
        write: Absolute real paths that may be read and written.
        execute: Absolute real paths of programs that may be started, or of folders of them; without
            any, no process can be made at all.
        code: The plugin's own folder (readable, never writable).
        packages: Its third-party environment, or "" without dependencies.
        data: Its data folder; HOME of the process.
        tmp: Its temporary folder; TMPDIR of the process.
        never: Absolute paths that no permission can open, for messages only.
        environment: The whole environment of the process.
        declared: Granted permissions that the kernel enforces, as text, for messages only.
        limits: Resource limits.
    """

    plugin: str
    code: str
    packages: str
    data: str
    tmp: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    execute: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    declared: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def as_data(self) -> dict[str, Any]:
        """Return JSON data; :meth:`from_data` is its inverse."""
        return dataclasses.asdict(self)

    def allows_all_of(self, other: Policy) -> bool:
        """Tell whether whoever runs under ``other`` could touch nothing that this policy forbids."""
        return (
            {*other.read, *other.write} <= {*self.read, *self.write}
            and set(other.write) <= set(self.write)
            and set(other.execute) <= set(self.execute)
            and set(other.declared) <= set(self.declared)
        )

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Policy:
        """Rebuild a policy from :meth:`as_data` of the host (trusted, never a plugin's)."""
        values = dict(data)
        for name in ("read", "write", "execute", "never", "declared"):
            values[name] = tuple(values[name])
        return cls(**{**values, "limits": Limits(**values["limits"])})
