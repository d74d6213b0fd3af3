"""What can be wrong with a plugin, in the words that clients, registries and their pages have in common."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal["malware", "vulnerable", "spam", "illegal", "other"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
