"""All scanners over one folder. Runs in the confined process.

What always holds: every file is read once and shown to every scanner; a scanner that fails has failed
alone and says so; what it found before that counts.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from yesman.model.manifest import parse_manifest
from yesman.package.lock import LARGEST, decoded, packages_of
from yesman.package.reading import LOCK, MANIFEST, REQUIREMENTS, read_optional
from yesman.package.requirements import requirements_of
from yesman.scan.advisories import Advisories
from yesman.scan.characters import Characters
from yesman.scan.code import Code
from yesman.scan.job import Job, Report
from yesman.scan.model import MOST_OF_A_FILE, Hit, Told
from yesman.scan.names import Names
from yesman.scan.patterns import SECRETS, Patterns
from yesman.scan.reading import File, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import yara_x

MOST_OF_ONE: Final = 100
"""Hits of one rule that are told. Files come sorted, so those of tests come last; no rule drowns another."""


class Scanner(Protocol):
    """Looks at every file, and then at what it remembers of all of them."""

    @property
    def name(self) -> str:
        """What it is called."""

    def look(self, file: File) -> Iterable[Hit]:
        """Yield what is found in one file."""

    def finish(self) -> Iterable[Hit]:
        """Yield what is found in all of them together."""


class _Hits:
    """Hits, so many of each rule."""

    def __init__(self, hits: Iterable[Hit] = ()) -> None:
        self.kept: list[Hit] = []
        self._by_rule: Counter[str] = Counter()
        self._by_file: Counter[tuple[str, str]] = Counter()
        self.add(hits)

    def add(self, hits: Iterable[Hit]) -> None:
        for hit in hits:
            self._by_file[hit.rule, hit.file] += 1
            if self._by_file[hit.rule, hit.file] <= MOST_OF_A_FILE and self._by_rule[hit.rule] < MOST_OF_ONE:
                self._by_rule[hit.rule] += 1
                self.kept.append(hit)


class _Watched:
    """A scanner, what it has found so far, and why it went no further."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.why = ""
        self._hits = _Hits()

    def work(self, act: Callable[[], Iterable[Hit]]) -> None:
        if self.why:
            return
        try:
            self._hits.add(act())
        except Exception as error:  # noqa: BLE001 - whatever it is, this scanner has failed and the others go on
            self.why = f"{type(error).__name__}: {error}"[:200]

    def told(self) -> Told:
        return Told(self.scanner.name, "failed" if self.why else "done", self.why, tuple(self._hits.kept))


def scan(job: Job, rules: yara_x.Rules) -> Report:
    """Return what all scanners say; raises for a folder that is no plugin's."""
    folder = Path(job.folder)
    manifest = parse_manifest(read_optional(folder / MANIFEST) or b"")
    requirements = requirements_of(manifest.dependencies, read_optional(folder / REQUIREMENTS))
    lock = packages_of(decoded(read_optional(folder / LOCK, most=LARGEST) or b""))
    patterns = Patterns(rules)
    watched = [_Watched(patterns), _Watched(Code(manifest)), _Watched(Characters())]
    absent = []
    if job.advisories:
        watched.append(_Watched(Advisories(Path(job.advisories), lock, requirements)))
    else:
        absent.append(Told(Advisories.name, "not_configured", "there is no database of advisories"))
    if why := _cannot_compare():
        absent.append(Told(Names.name, "not_configured", why))
    else:
        names = [*dict.fromkeys(text.partition("==")[0] for text in (*lock, *map(_name_of, requirements)))]
        watched.append(_Watched(Names(manifest.name, names, job.plugins or (), job.packages)))
    reading = Reading(folder)
    for file in reading.files():
        for each in watched:
            each.work(lambda each=each, file=file: each.scanner.look(file))  # type: ignore[misc]  # mypy and defaults of a lambda
    for each in watched:
        each.work(each.scanner.finish)
    told = [each.told() for each in watched]
    secrets = Told(SECRETS, told[0].state, told[0].why, tuple(_Hits(patterns.secrets).kept))
    return Report(reading.digest, (*told, secrets, *absent))


def _name_of(requirement: str) -> str:
    from packaging.requirements import Requirement  # noqa: PLC0415 - loaded already

    return Requirement(requirement).name


def _cannot_compare() -> str:
    try:
        import rapidfuzz.distance.DamerauLevenshtein  # noqa: F401, PLC0415 - of the extra 'marketplace'
    except ImportError:
        return "rapidfuzz is not installed (yesman[marketplace])"
    return ""
