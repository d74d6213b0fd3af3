"""Reading the screen of Claude Code: the fallback for what its hooks do not tell.

Theory of operation. At the bottom of its screen Claude Code draws one of three things, and the
cursor is in it: the box to type into (two rules around ``❯``, a footer below), a list of answers
(:mod:`yesman.agents.claude_options`), or a dialog that ends in a row of keys. The box means that
nothing is asked, whatever stands above it. Of anything else nothing is claimed.

What always holds: the result is a function of the screen; nothing raises, whatever is shown.

What cannot be decided from a screen, because every cell of it is then under somebody else's control:
whether the program in the pane is Claude Code at all (that is :mod:`yesman.agents.processes`' part),
and whether Claude Code has handed its terminal to another program, such as an editor, that shows a
hostile file at the bottom with the cursor on it. So what only a screen told is marked ``source="screen"``.

Recorded from Claude Code 2.1.330; ``make test-claude`` compares with the real program.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.agents.claude_options import MARK, Listed, find, is_rule
from yesman.agents.model import AgentState, Prompt, PromptKind, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.agents.screen import Screen

TOOLS: Final = {
    "Bash command": "Bash",
    "Edit file": "Edit",
    "Create file": "Write",
    "Overwrite file": "Write",
    "Read file": "Read",
    "Fetch": "WebFetch",
    "Exit plan mode?": "ExitPlanMode",
    "Ready to code?": "ExitPlanMode",
}
"""The title of a permission prompt, and the tool it is about."""

_BOX_ROWS: Final = 60
_FOOTER_ROWS: Final = 15
_BELOW_ROWS: Final = 4
_QUESTION_ROWS: Final = 6
_LONGEST: Final = 4_000
_DASHES: Final = re.compile(r"╌{20,}")
_SPINNER: Final = re.compile(r"[·✢✳✶✻✽*] \S.*… \(")
_KEYS: Final = ("Esc to cancel", "Esc to exit")
_PLACE: Final = re.compile(r" {2,}\d+ of \d+$")
"""Behind the title where several prompts wait."""


def read(screen: Screen) -> Reading:
    """Tell what Claude Code is doing, and what it asks, from what its pane shows."""
    box = _input_box(screen)
    if box is not None:
        return Reading(AgentState.BUSY if _is_busy(screen, box) else AgentState.IDLE)
    listed = find(screen)
    prompt = _prompt(screen, listed) if listed else _dialog(screen)
    return Reading(AgentState.WAITING, prompt) if prompt else Reading()


class _Box(NamedTuple):
    """The rows of the two rules around what is typed."""

    top: int
    bottom: int


def _input_box(screen: Screen) -> _Box | None:
    """Return the box to type into, if the cursor is in it and only its footer is below."""
    below = range(screen.row, min(len(screen.rows), screen.row + _BOX_ROWS))
    bottom = next((row for row in below if is_rule(screen.at(row))), screen.row)
    above = range(min(screen.row, len(screen.rows)) - 1, max(-1, screen.row - _BOX_ROWS), -1)
    top = next((row for row in above if is_rule(screen.at(row))), None)
    if bottom == screen.row or top is None or len(screen.rows) - bottom > _FOOTER_ROWS:
        return None
    first = screen.at(top + 1)
    if not first.startswith((MARK, "!", "#", ">")) or screen.column < len("❯ "):
        return None
    return _Box(top, bottom) if len(screen.at(top)) == len(screen.at(bottom)) else None


def _is_busy(screen: Screen, box: _Box) -> bool:
    footer = screen.rows[box.bottom + 1 :]
    if any("esc to interrupt" in row for row in footer):
        return True
    # A narrow footer is cut. Rows of the transcript never begin like this at the edge.
    return any(_SPINNER.match(row) for row in screen.rows[max(0, box.top - _QUESTION_ROWS) : box.top])


def _prompt(screen: Screen, listed: Listed) -> Prompt | None:
    below = [row.strip() for row in screen.rows[listed.last + 1 :] if row]
    top = next((row for row in range(listed.first - 1, -1, -1) if is_rule(screen.at(row))), None)
    if not _may_be_below(below) or (top is None and not below):
        return None
    body = screen.rows[0 if top is None else top + 1 : listed.first]
    asked = Prompt(PromptKind.CHOICE, _question(body), listed.options)
    title = "" if top is None else next((row.strip() for row in body if row.strip(" ─")), "")
    title = _PLACE.sub("", title)
    return _of_kind(asked, title, body, below)


def _may_be_below(below: Sequence[str]) -> bool:
    """Tell whether nothing but a row of keys, perhaps with an explanation, stands under the list."""
    return not below or (len(below) <= _BELOW_ROWS and any(key in below[-1] for key in _KEYS))


def _of_kind(asked: Prompt, title: str, body: Sequence[str], below: Sequence[str]) -> Prompt:
    labels = [option.label for option in asked.options]
    if title == "Accessing workspace:" and any(label.startswith("Yes, I trust") for label in labels):
        return _changed(asked, PromptKind.TRUST, question=_paragraph(body, "Quick safety check"))
    if asked.question == "Do you want to use this API key?":
        return _changed(asked, PromptKind.API_KEY)
    if title in TOOLS:
        return _permission(asked, TOOLS[title], body)
    # A long body pushes the title out of sight; what the model asks is never worded without these keys.
    unseen = (
        not title
        and asked.question.startswith("Do you want to ")
        and "Enter to select" not in " ".join(below)
    )
    return _changed(asked, PromptKind.PERMISSION) if unseen and _yes_or_no(labels) else asked


def _yes_or_no(labels: Sequence[str]) -> bool:
    ends = {labels[0].split(",")[0], labels[-1].split(",")[0]}
    return ends == {"Yes", "No"}


def _permission(asked: Prompt, tool: str, body: Sequence[str]) -> Prompt:
    dashes = [row for row, text in enumerate(body) if _DASHES.fullmatch(text)]
    title = next(row for row, text in enumerate(body) if text.strip(" ─"))
    shown = body[dashes[0] + 1 : dashes[-1]] if len(dashes) > 1 else ()
    command = file = url = None
    if tool == "Bash":
        command = _joined(shown)
    elif tool == "WebFetch":
        url = _url(shown)
    elif tool in {"Edit", "Write", "Read"} and dashes:
        file = _joined(body[title + 1 : dashes[0]])
    return _changed(asked, PromptKind.PERMISSION, tool=tool, command=command, file=file, url=url)


def _url(shown: Sequence[str]) -> str | None:
    """Return all of a URL, which has no blanks and goes on in the next rows where it is too long for one."""
    rows = [text.strip().removeprefix("│").strip() for text in shown]
    first = next((row for row, text in enumerate(rows) if text.startswith("url: ")), None)
    if first is None:
        return None
    after = (row for row in range(first + 1, len(rows)) if rows[row].startswith("prompt: "))
    return "".join(rows[first : next(after, len(rows))])[len("url: ") :][:_LONGEST] or None


def _dialog(screen: Screen) -> Prompt | None:
    """Return a dialog without a list: a rule, text, and at the very bottom a row of keys."""
    keys = " ".join(row.strip() for row in screen.rows[-2:])
    top = next((row for row in range(len(screen.rows) - 1, -1, -1) if is_rule(screen.at(row))), None)
    if top is None or "Enter to " not in keys or not keys.endswith("Esc to cancel"):
        return None
    if screen.row < len(screen.rows) - 1 or screen.column:
        return None
    title = next((row.strip() for row in screen.rows[top + 1 :] if row), "")
    return Prompt(PromptKind.OTHER, title[:_LONGEST])


def _question(body: Sequence[str]) -> str:
    """Return the paragraph that stands right above the list."""
    rows = list(body)
    while rows and not rows[-1]:
        rows.pop()
    taken: list[str] = []
    while rows and rows[-1] and not _DASHES.fullmatch(rows[-1]) and len(taken) < _QUESTION_ROWS:
        taken.append(rows.pop())
    return _joined(taken[::-1]) or ""


def _paragraph(body: Sequence[str], start: str) -> str:
    rows = [row.strip() for row in body]
    first = next((row for row, text in enumerate(rows) if text.startswith(start)), None)
    if first is None:
        return ""
    end = rows.index("", first) if "" in rows[first:] else len(rows)
    return _joined(rows[first:end]) or ""


def _joined(rows: Sequence[str]) -> str | None:
    """Return rows as one line: how long rows were wrapped cannot be seen."""
    return " ".join(filter(None, (row.strip().removeprefix("│").strip() for row in rows)))[:_LONGEST] or None


def _changed(
    asked: Prompt,
    kind: PromptKind,
    *,
    question: str | None = None,
    tool: str | None = None,
    command: str | None = None,
    file: str | None = None,
    url: str | None = None,
) -> Prompt:
    return Prompt(
        kind, asked.question if question is None else question, asked.options, tool, command, file, url
    )
