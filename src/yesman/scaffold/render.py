"""From a template and a few answers to the text of every file of a plugin. Writes nothing.

What always holds of the result: its manifest is one that this yesman accepts. Only the plugin's name, which
is letters, digits and ``-``, gets into Python code; free text is quoted where YAML reads it.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman import __version__, plugins
from yesman.model.errors import AuthorError, UsageError
from yesman.model.manifest import parse_manifest
from yesman.model.manifest_schema import NAME, NAME_RULE
from yesman.model.plain_text import shown
from yesman.model.reserved import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

MANIFEST: Final = "plugin.yaml"
SUFFIX: Final = ".tpl"
"""Of each file of a template: without it, tools would take templates for code."""
SHARED: Final = "shared"
KINDS: Final = {
    "command": "A command that greets from the current session",
    "hook": "Hears of new sessions, and keeps some from being closed",
    "provider": "Writes messages to the user into a file",
    "integration": "Reports sessions to a service on the Internet",
    "ui": "Keeps notes, in a panel of the dashboards",
}
"""What there are templates for, each with the description that a plugin has if nobody writes one."""


class Plan(NamedTuple):
    """What somebody wants.

    Attributes:
        name: As in the manifest.
        kind: One of :data:`KINDS`.
        description: One line.
        author: One line.
    """

    name: str
    kind: str
    description: str
    author: str


def render(plan: Plan) -> dict[str, str]:
    """Return the text of each file by its path, ``/`` between its parts.

    Raises:
        UsageError: No plugin can be called that, or a text is not one line of plain text.
    """
    if not re.fullmatch(NAME, plan.name):
        raise UsageError(f"{shown(plan.name)} cannot be the name of a plugin", NAME_RULE)
    if plan.name in BUILT_IN:
        raise UsageError(f"'{plan.name}' is a command of yesman's own", "Choose another name")
    values = _values(plan)
    found = {**_files(SHARED), **_files(plan.kind)}
    rendered = {path: Template(text).substitute(values) for path, text in sorted(found.items())}
    _check(rendered[MANIFEST])
    return rendered


def class_name(name: str) -> str:
    """Return the name of a plugin's class: ``git-insight`` gives ``GitInsightPlugin``."""
    words = "".join(word.capitalize() for word in name.removesuffix("-plugin").split("-"))
    made = f"{words}Plugin"
    return f"My{made}" if made in plugins.__all__ or not made.isidentifier() else made


def _values(plan: Plan) -> dict[str, str]:
    return {
        "name": plan.name,
        "word": plan.name if _is_word(plan.name) else _quoted(plan.name),
        "class_name": class_name(plan.name),
        "about": plan.description,
        "description": _quoted(plan.description),
        "author": _quoted(plan.author),
        "yesman": __version__,
    }


def _is_word(name: str) -> bool:
    """Tell whether YAML takes a name for text: not for a number, a date or a truth value."""
    return name[0].isalpha() and name not in {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def _quoted(text: str) -> str:
    # What JSON escapes YAML reads alike; what JSON leaves alone the manifest's reader judges.
    return json.dumps(text, ensure_ascii=False)


def _check(manifest: str) -> None:
    try:
        parse_manifest(manifest.encode(errors="surrogatepass"), file=MANIFEST, host=__version__)
    except AuthorError as error:
        raise UsageError(error.message, error.next_step) from None


def _files(template: str) -> dict[str, str]:
    return dict(_texts(files(__name__.rpartition(".")[0]) / "templates" / template, ""))


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIX):
            yield prefix + entry.name.removesuffix(SUFFIX), entry.read_text("utf-8")
