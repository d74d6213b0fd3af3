"""How the process of one function is confined: no grants, and limits of its own.

Readable are, besides what the interpreter needs: the function's file, or the folder of its top-level
package; the folders of installed packages; and yesman's own sources, which such files import.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from typing import TYPE_CHECKING

from yesman.host.confinement import this_machine
from yesman.model.errors import PermissionDeniedError
from yesman.model.home import Home
from yesman.model.limits import MIB, Limits
from yesman.runtime.grants_policy import Places, decide, why_refused
from yesman.sandbox.interpreter import PACKAGE

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.embed.crossing import Target
    from yesman.sandbox.policy import Policy

INHERITED_BYTES = 24 * MIB
"""Private writable memory that a function's process has when its function is called; see the ADR."""
NICENESS = 10
GRACE_SECONDS = 0.5
"""Between asking an overdue function to stop and killing it."""


def limits_of(memory_mb: int, cpu_seconds: float, descriptors: int) -> Limits:
    """Return the limits of one execution; too much memory fails in place, so that the function may cope."""
    memory = memory_mb * MIB + INHERITED_BYTES
    return Limits(
        memory_bytes=memory,
        data_bytes=memory,
        cpu_seconds=cpu_seconds,
        nice=NICENESS,
        open_files=descriptors,
        cancel_seconds=GRACE_SECONDS,
    )


def policy_for(target: Target, scratch: Path, packages: tuple[str, ...], limits: Limits) -> Policy:
    """Return what the process for ``target`` may touch.

    Raises:
        PermissionDeniedError: The function lies where nothing can be opened.
    """
    machine = this_machine(Home.of(os.environ), os.environ)
    reason = why_refused(target.readable, machine, writes=False)
    if reason:
        raise PermissionDeniedError(f"{target.readable} cannot be opened for a function: {reason}")
    places = Places(
        code=str(scratch / "code"), packages="", data=str(scratch / "data"), tmp=str(scratch / "tmp")
    )
    policy = decide(target.name, places, (), (), machine, limits=limits)
    installed = tuple(path for path in packages if not why_refused(path, machine, writes=False))
    return dataclasses.replace(policy, read=(target.readable, str(PACKAGE), *installed))


def installed_packages() -> tuple[str, ...]:
    """Return the folders of installed packages that this interpreter imports from; never a project's own."""
    named = (path for path in sys.path if path.endswith(("/site-packages", "/dist-packages")))
    return tuple(dict.fromkeys(os.path.realpath(path) for path in named))
