"""The rules, as data: what each is called, how bad a finding of it is, and what its author does about it."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple


class Level(enum.StrEnum):
    """How bad it is: it cannot be installed or must fail; it looks wrong; nobody can tell."""

    ERROR = "error"
    WARNING = "warning"
    UNCHECKED = "unchecked"


class Rule(NamedTuple):
    """One rule.

    Attributes:
        level: Of its findings.
        about: What is right.
        fix: What to do, with fields of the finding in braces; a finding may bring its own.
    """

    level: Level
    about: str
    fix: str = ""


_E, _W, _U = Level.ERROR, Level.WARNING, Level.UNCHECKED
RULES: Final[dict[str, Rule]] = {
    "manifest": Rule(
        _E,
        "plugin.yaml can be accepted by this yesman",
        "Correct it; its form: yesman plugin validate --schema",
    ),
    "entry": Rule(_E, "src/main.py is there, and Python", "Correct it"),
    "requirements": Rule(_E, "requirements are plain: names, versions, markers", "Write them like six>=1.16"),
    "lock": Rule(
        _E, "requirements.lock, if there is one, fits the requirements", "Remove it to have it made anew"
    ),
    "content": Rule(_E, "the folder holds plain files, and not too much", "Take out what is named"),
    "source": Rule(_W, "every other module is Python", "Correct it, or leave it out"),
    "permission-missing": Rule(
        _W,
        "what the code uses is asked for",
        "Add '{permission}' to the permissions in plugin.yaml, with a reason",
    ),
    "permission-unused": Rule(
        _W,
        "what is asked for can be used by the code",
        "Remove it from plugin.yaml: users hesitate to grant what is not needed",
    ),
    "api-unknown": Rule(
        _E, "what is imported from yesman.plugins is there", "See docs/reference/author-api.md"
    ),
    "api-newer": Rule(
        _E,
        "what is used was there in the oldest yesman that the manifest allows",
        "Set min_version to {version} in plugin.yaml, or do without",
    ),
    "api-private": Rule(
        _W,
        "nothing private of yesman's is imported",
        "Import from yesman.plugins only: the rest may change, or is not there in the sandbox",
    ),
    "dependencies": Rule(_E, "the requirements can be resolved", "Correct the requirements"),
    "dependencies-unchecked": Rule(_U, "the requirements were resolved at all", "Check again with a network"),
    "docs-readme": Rule(_W, "there is a README.md", "Write one: what it does, how it is set up, an example"),
    "docs-description": Rule(_W, "the manifest has a description", "Add 'description' to plugin.yaml"),
    "docs-reason": Rule(
        _W,
        "each permission has a reason",
        "Write '- name: {permission}' and below it 'reason: …': users see it when they are asked",
    ),
    "docs-command": Rule(
        _W, "each command has a description", "Add 'description' to it in plugin.yaml: its help shows that"
    ),
}


class Finding(NamedTuple):
    """Something that was found.

    Attributes:
        rule: Its name in :data:`RULES`.
        level: ``error``, ``warning`` or ``unchecked``.
        file: Path in the folder, or "" for all of it.
        line: From 1; 0 for the whole file.
        message: One sentence without a full stop.
        fix: What to do; may be empty.
    """

    rule: str
    level: Level
    file: str
    line: int
    message: str
    fix: str

    @property
    def place(self) -> str:
        """Where it is: ``src/main.py:3``, or ""."""
        return f"{self.file}:{self.line}" if self.line else self.file


def finding(rule: str, file: str, line: int, message: str, fix: str = "", **fields: str) -> Finding:
    """Return a finding of ``rule``, with the rule's fix unless it brings its own."""
    row = RULES[rule]
    return Finding(rule, row.level, file, line, message, fix or row.fix.format(**fields))
