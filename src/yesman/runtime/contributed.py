"""What a loaded plugin says it contributes."""

from __future__ import annotations

from typing import Any

import msgspec


class Contributed(msgspec.Struct, frozen=True):
    """Commands as rows, hooks, providers and panels by name; checked by the host against the manifest.

    ``unmet`` says, by provider, what keeps its object from being what the manifest declares; ``exports``
    and ``imports`` whether it has state to hand to its next version, and takes that of the one before;
    ``modules`` what it has imported besides its own files, if it was asked.
    """

    commands: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    providers: tuple[str, ...]
    unmet: dict[str, str] = {}
    modules: tuple[str, ...] = ()
    exports: bool = False
    imports: bool = False
    panels: tuple[str, ...] = ()
