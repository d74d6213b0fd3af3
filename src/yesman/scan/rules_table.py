"""All rules of scanning, as data: those of the files in ``rules``, and those that code of ours follows.

What always holds: what a rule is called, how bad it is and what it says is known without running
anything but this; the digest of the rules changes whenever what they find may change.
"""

from __future__ import annotations

import hashlib
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import yesman
from yesman.findings.rules import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).resolve().parent / "rules"
SCANNERS: Final = ("rules", "code", "characters", "secrets", "names", "advisories")
_RULE: Final = re.compile(
    r"^rule (?P<name>\w+) \{\n"
    r'  meta:\n    level = "(?P<level>\w+)"\n    about = "(?P<about>[^"\n]+)"\n'
    r'    fix = "(?P<fix>[^"\n]+)"\n',
    re.MULTILINE,
)


class Rule(NamedTuple):
    """One rule.

    Attributes:
        scanner: Who follows it, of :data:`SCANNERS`.
        level: ``error`` refuses, ``warning`` asks, ``unchecked`` quarantines: nobody could look.
        about: What was found, one clause.
        fix: What its author does about it.
    """

    scanner: str
    level: Level
    about: str
    fix: str


_E, _W, _U = Level.ERROR, Level.WARNING, Level.UNCHECKED
_ALIKE: Final = "Use plain letters"
_HIDDEN: Final = "Remove them"
_READABLE: Final = "Put the code into the package as it is"
_CODE: Final = {
    "exec-decoded": Rule("code", _E, "code executes what it has decoded or decompressed", _READABLE),
    "exec-fetched": Rule("code", _E, "code executes what it has received or downloaded", _READABLE),
    "exec-dynamic": Rule("code", _W, "code is made while it runs", "Write it out as functions"),
    "name-assembled": Rule(
        "code", _E, "code puts the name of what it calls together from pieces", "Call it by its name"
    ),
    "name-computed": Rule(
        "code", _W, "code finds out only while it runs what it calls", "Call it by its name"
    ),
    "import-dynamic": Rule(
        "code", _W, "code imports what is named only while it runs", "Import it by its name"
    ),
    "import-hook": Rule("code", _W, "code changes how Python imports modules", "Import modules as they are"),
    "code-object": Rule("code", _W, "code makes functions out of bytecode", _READABLE),
    "native-code": Rule("code", _W, "code calls C functions directly", "Depend on a package that does"),
    "unpickling": Rule("code", _W, "code loads pickled objects, which may run anything", "Keep data as JSON"),
    "permission-missing": Rule(
        "code",
        _W,
        "code uses what plugin.yaml does not ask for",
        "Add the permission to plugin.yaml, with a reason",
    ),
    "source-unreadable": Rule("code", _W, "a module is no Python", "Correct it, or leave it out"),
    "source-encoding": Rule(
        "code", _E, "a module declares an encoding that hides what it says", "Write it in UTF-8"
    ),
    "source-null": Rule("code", _E, "a module holds null bytes", "Remove them"),
    "source-unchecked": Rule(
        "code", _U, "a module is too large or too deep to be looked at", "Divide it into modules"
    ),
}
_CHARACTERS: Final = {
    "character-direction": Rule(
        "characters", _E, "characters change the direction of text, so that it reads otherwise", "Remove them"
    ),
    "character-tag": Rule("characters", _E, "invisible characters spell a text", "Remove them"),
    "character-selectors": Rule("characters", _E, "invisible variation selectors hold data", _HIDDEN),
    "character-invisible": Rule("characters", _W, "text holds invisible characters", "Remove them"),
    "character-invisible-run": Rule("characters", _E, "rows of invisible characters hold data", _HIDDEN),
    "character-private": Rule(
        "characters", _E, "rows of characters without a meaning hold data", "Keep data in a file of its own"
    ),
    "character-control": Rule(
        "characters", _W, "control characters may hide text in a terminal", "Write them as escapes"
    ),
    "identifier-disguised": Rule(
        "characters", _E, "a name in code is written with letters that look like others", _ALIKE
    ),
    "host-disguised": Rule(
        "characters", _E, "the host of an address is written with letters that look like others", _ALIKE
    ),
    "text-undecodable": Rule("characters", _W, "a text is not UTF-8", "Save it as UTF-8"),
    "text-unchecked": Rule("characters", _U, "a text is too large to be looked at", "Make it smaller"),
}
_NAMES: Final = {
    "name-similar": Rule("names", _W, "the plugin is called almost like another", "Choose a name of its own"),
    "name-disguised": Rule("names", _U, "the plugin's name looks like another's", "Choose a name of its own"),
    "dependency-similar": Rule(
        "names", _W, "a requirement is called almost like a well-known package", "Check its spelling"
    ),
}
_ADVISORIES: Final = {
    "dependency-vulnerable": Rule(
        "advisories", _W, "a package that is required has a known vulnerability", "Lock a version without it"
    ),
    "dependency-malware": Rule("advisories", _E, "a package that is required is known malware", "Remove it"),
    "dependencies-unlocked": Rule(
        "advisories",
        _W,
        "requirements are not locked, so nobody can say which versions are installed",
        "Have them locked: yesman plugin pack DIR",
    ),
}


def files() -> list[Path]:
    """Return the files of rules, in the order in which they are compiled."""
    return sorted(FOLDER.glob("*.yar"))


def _written() -> Iterator[tuple[str, Rule]]:
    for path in files():
        scanner = "secrets" if path.stem == "secrets" else "rules"
        for row in _RULE.finditer(path.read_text("utf-8")):
            name = row["name"].replace("_", "-")
            yield name, Rule(scanner, Level(row["level"]), row["about"], row["fix"])


RULES: Final[dict[str, Rule]] = {**dict(_written()), **_CODE, **_CHARACTERS, **_NAMES, **_ADVISORIES}
"""By name, in the order in which they are told of."""


def version() -> str:
    """Return the digest of all that decides what is found: rules, code, and the versions they run on."""
    made_by = (yesman.__version__, sys.version, metadata.version("yara-x"))
    digest = hashlib.sha256("\n".join(made_by).encode())
    for path in (
        *files(),
        FOLDER / "packages.txt",
        *sorted(FOLDER.parent.glob("*.py")),
        *sorted(FOLDER.parents[1].glob("findings/*.py")),
    ):
        digest.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
