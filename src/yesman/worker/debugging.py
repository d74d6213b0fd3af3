"""``breakpoint()`` in a plugin: the debugger talks to whoever runs the command."""

from __future__ import annotations

import sys
from typing import Any


def breakpoint_hook(*_arguments: Any, **_more: Any) -> None:
    """Stop in the plugin's own code, and step over ours (``sys.breakpointhook``)."""
    import pdb  # noqa: PLC0415, T100 - what breakpoint() is for; plugins that are not debugged need none

    # Ctrl-C is the user's, who ends the command by it.
    pdb.Pdb(skip=["yesman.*"], nosigint=True).set_trace(sys._getframe(1))  # noqa: SLF001 - as pdb itself does
