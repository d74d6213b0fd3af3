"""Names that are taken for others: of the plugin, and of what it requires.

Compared are names as indexes do (lower case, one kind of hyphen), then what they look like
(:mod:`yesman.scan.confusables`), then what remains of them without hyphens and words that say nothing, then
how many letters must be changed, left out, added or exchanged. What always holds: a name that is itself
among the known ones is like nobody's.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from yesman.scan.confusables import skeleton
from yesman.scan.model import Hit
from yesman.scan.rules_table import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yesman.scan.reading import File

MANIFEST: Final = "plugin.yaml"
REQUIREMENTS: Final = "requirements.txt"
SHORTEST: Final = 5
"""Letters; shorter names are alike by chance."""
LONG: Final = 9
"""Letters from which on two changes are few."""
EMPTY_WORDS: Final = frozenset({"official", "plugin", "plugins", "py", "python", "real", "the", "yesman"})
"""Words that make no other name of one when they are put before or after it."""


@cache
def well_known() -> tuple[str, ...]:
    """Return the packages whose names are worth posing as: data of ours, beside the rules."""
    return tuple((FOLDER / "packages.txt").read_text("ascii").split())


def essence(name: str) -> str:
    """Return what is left of ``name`` at a glance, to be compared with that of others."""
    words = canonicalize_name(name).split("-")
    while len(words) > 1 and words[0] in EMPTY_WORDS:
        del words[0]
    while len(words) > 1 and words[-1] in EMPTY_WORDS:
        del words[-1]
    return skeleton("".join(words))


def nearest(name: str, names: Sequence[str]) -> str:
    """Return which of ``names``, canonical like ``name``, is some slips of the keyboard away, or ""."""
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - of the extra 'marketplace'
    from rapidfuzz.process import extractOne  # noqa: PLC0415 - same

    most = 2 if len(name) >= LONG else 1
    found = extractOne(name, names, scorer=DamerauLevenshtein.distance, score_cutoff=most)
    return found[0] if found else ""


class Names:
    """Compares names with the known ones.

    Args:
        name: The plugin's.
        requirements: Names of what it requires.
        plugins: Known plugins, of others.
        packages: Well-known packages.
    """

    name: Final = "names"

    def __init__(
        self, name: str, requirements: Sequence[str], plugins: Sequence[str], packages: Sequence[str]
    ) -> None:
        self._plugin = name
        self._requirements = requirements
        self._plugins = plugins
        self._packages = packages

    def look(self, file: File) -> Iterator[Hit]:  # noqa: ARG002 - a scanner's method
        """Yield nothing: names are in no file's content."""
        return iter(())

    def finish(self) -> Iterator[Hit]:
        """Yield each name that is like another."""
        rule, other = KnownNames(self._plugins).like(self._plugin)
        if rule:
            yield Hit(f"name-{rule}", MANIFEST, 0, f"{self._plugin} and {other}")
        packages = KnownNames(self._packages)
        for required in self._requirements:
            rule, other = packages.like(required)
            if rule:
                yield Hit("dependency-similar", REQUIREMENTS, 0, f"{required} and {other}")


class KnownNames:
    """Names that others have; made ready once, because there may be a hundred thousand of them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(dict.fromkeys(map(canonicalize_name, names)))
        self._own = frozenset(self._names)
        self._long = [name for name in self._names if len(name) >= SHORTEST]
        self._seen = {skeleton(name): name for name in self._long}
        self._essences = {essence(name): name for name in self._long}

    def like(self, name: str) -> tuple[str, str]:
        """Return ``disguised`` or ``similar`` and whom ``name`` is taken for, or two empty texts."""
        name = canonicalize_name(name)
        if len(name) < SHORTEST or name in self._own:
            return "", ""
        if skeleton(name) in self._seen:
            return "disguised", self._seen[skeleton(name)]
        turned = "-".join(reversed(name.split("-", 1)))
        if turned in self._own:
            return "similar", turned
        near = self._essences.get(essence(name)) or nearest(name, self._long)
        return ("similar", near) if near else ("", "")
