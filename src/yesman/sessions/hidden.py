"""The session that our own control client sits in, which is nobody's business but ours. No I/O.

It is told from others by its name, which :func:`yesman.sessions.model.check_name` gives to none.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "_yesman-"
"""How its name begins."""

OTHERS: Final = f"#{{?#{{m:{PREFIX}*,#{{session_name}}}},0,1}}"
"""The tmux filter that all other sessions pass, and what is in them."""
