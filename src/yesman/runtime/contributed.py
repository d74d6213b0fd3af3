"""What a loaded plugin says it contributes."""

from __future__ import annotations

from typing import Any

import msgspec


class Contributed(msgspec.Struct, frozen=True):
    """Commands as rows, hooks and providers by name; checked by the host against the manifest.

    ``unmet`` says, by provider, what keeps its object from being what the manifest declares.
    """

    commands: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    providers: tuple[str, ...]
    unmet: dict[str, str] = {}
