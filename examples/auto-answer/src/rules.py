"""Rules, and what they say to a prompt. Values in, values out.

What always holds: what no rule matches has no answer; a rule that cannot be read stops the plugin, and
with it every answer; deny beats allow. An allowing pattern is read narrowly: its ``*`` stands for the
characters of arguments only, never for what ends a command and begins another.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

ALLOW, DENY = "allow", "deny"
SUBJECTS = ("command", "file", "url")
"""What a prompt can be about; the first that it has is what a pattern is compared with."""
_ARGUMENTS = r"[^;&|<>$`()\n\r]"


class Rule(NamedTuple):
    """One rule.

    Attributes:
        answer: :data:`ALLOW` or :data:`DENY`.
        tool: The agent's name of the tool, exactly.
        pattern: Compared with the whole command, file or address; ``*`` and ``?`` are wildcards.
    """

    answer: str
    tool: str
    pattern: str

    def __str__(self) -> str:
        return " ".join(self)

    def matches(self, tool: str, subject: str) -> bool:
        """Tell whether this rule is about that use of that tool."""
        if tool != self.tool or (self.answer == ALLOW and ".." in subject.split("/")):
            return False
        wild = _ARGUMENTS if self.answer == ALLOW else "."
        parts = (_part(character, wild) for character in self.pattern)
        return re.fullmatch("".join(parts), subject, re.DOTALL) is not None


def parse(text: str) -> Rule:
    """Return the rule that ``"allow Bash git status"`` is.

    Raises:
        ValueError: It is none; the message says why.
    """
    answer, tool, pattern = [*text.split(None, 2), "", "", ""][:3]
    if answer not in {ALLOW, DENY} or not tool:
        raise ValueError(
            f"the rule {text!r} must begin with 'allow' or 'deny' and a tool, such as 'allow Bash'"
        )
    if answer == ALLOW and not pattern:
        raise ValueError(
            f"the rule {text!r} must say which uses it allows, such as '{answer} {tool} git status'"
        )
    return Rule(answer, tool, pattern.rstrip() or "*")


def verdict(rules: tuple[Rule, ...], prompt: dict[str, Any]) -> Rule | None:
    """Return the rule that decides about a prompt; None if there is none."""
    subject = next((prompt[key] for key in SUBJECTS if prompt.get(key)), "")
    found = [rule for rule in rules if rule.matches(prompt.get("tool") or "", subject)]
    return next((rule for rule in found if rule.answer == DENY), found[0] if found else None)


def _part(character: str, wild: str) -> str:
    return {"*": f"{wild}*", "?": wild}.get(character) or re.escape(character)
