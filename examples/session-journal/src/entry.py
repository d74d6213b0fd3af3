"""One event as one line of Markdown.

No I/O. A line never holds a control or formatting character, and nothing that came from
outside is read as Markdown: every such text stands in a code span, whose fence is longer than
any run of backticks inside.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yesman.plugins import Event

MAX_TEXT = 200
"""Characters of one name or value that are kept."""
MAX_DETAILS = 8
"""Values of an event's payload that are kept."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BACKTICKS = re.compile("`+")


def entry(event: Event) -> str:
    """Write an event as ``- 2024-02-29T12:00:00Z created `name`, cwd `/tmp```, without a line end.

    The payload's plain values follow in their order; lists and objects are left out.
    """
    time = datetime.fromtimestamp(event.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    verb = _word(event.name.rpartition(".")[2])
    plain = [(key, value) for key, value in event.payload.items() if isinstance(value, str | int | float)]
    details = [f", {_word(key)} {code_span(str(value))}" for key, value in plain[:MAX_DETAILS]]
    return f"- {time} {verb} {code_span(event.session or '')}" + "".join(details)


def code_span(text: str) -> str:
    r"""Quote any text so that Markdown shows it as it is, hidden characters as ``\u001b``."""
    shown = "".join(map(_visible, text[:MAX_TEXT])) + ("…" if len(text) > MAX_TEXT else "")
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(shown)), default=0))
    # Markdown takes one space off each end of a span, and no span is empty.
    bare = shown and shown.strip(" `") == shown
    return f"{fence}{shown}{fence}" if bare else f"{fence} {shown} {fence}"


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN
    return f"\\u{ord(character):04x}" if hidden else character


def _word(text: str) -> str:
    """Keep what is a plain word; names of events and keys are, unless something is wrong."""
    return text if re.fullmatch(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*", text) else code_span(text)
