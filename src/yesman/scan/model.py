"""What a scan found, as values; and what follows from it. Decides, never acts."""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.findings.rules import Finding, Level
from yesman.model.plain_text import shown
from yesman.scan.rules_table import RULES, SCANNERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

MOST_OF_A_FILE: Final = 5
"""Hits of one rule in one file that are kept."""
MOST_OF_A_RULE: Final = 40
"""Hits of one rule that are kept; no rule can keep another from being heard."""


class Outcome(enum.StrEnum):
    """How a scanner ended: without a finding, with some, not at all, or never begun for want of data."""

    PASSED = "passed"
    FINDINGS = "findings"
    FAILED = "failed"
    NOT_CONFIGURED = "not_configured"


class Verdict(enum.StrEnum):
    """What to do: take it; ask with the findings; wait until somebody has judged; do not take it."""

    PASSED = "passed"
    WARNED = "warned"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class Hit(msgspec.Struct, frozen=True, array_like=True):
    """What the confined process says: a rule, a place, and what stood there."""

    rule: str
    file: str
    line: int = 0
    detail: str = ""


class Scanner(msgspec.Struct, frozen=True):
    """One scanner; ``why`` it failed or is not configured, else ""."""

    name: str
    outcome: Outcome
    why: str = ""


class Scan(msgspec.Struct, frozen=True):
    """Everything that is known of one content.

    Attributes:
        verdict: Follows from the other fields (:func:`verdict_of`).
        content: Digest of what was scanned, as of what is installed.
        rules: Which rules and data it was scanned with; equal ones find the same.
        scanners: All, in their order.
        findings: The worst first, then by place.
    """

    verdict: Verdict
    content: str
    rules: str
    scanners: tuple[Scanner, ...]
    findings: tuple[Finding, ...]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "verdict": self.verdict.value,
            "content": self.content,
            "rules": self.rules,
            "scanners": [
                {"name": each.name, "outcome": each.outcome.value, "why": each.why} for each in self.scanners
            ],
            "findings": [found._asdict() for found in self.findings],
        }

    def outcome(self, scanner: str) -> Outcome:
        """Return how one scanner ended."""
        return next(each.outcome for each in self.scanners if each.name == scanner)


class Told(msgspec.Struct, frozen=True):
    """What the confined process says of one scanner; ``state``: ``done``, ``failed``, ``not_configured``."""

    name: str
    state: str
    why: str = ""
    hits: tuple[Hit, ...] = ()


def made(content: str, rules: str, told: Sequence[Told], *, optional: Collection[str]) -> Scan:
    """Return the scan that a report amounts to; what it does not say of a scanner has failed.

    Args:
        content: Digest of what was scanned.
        rules: With what.
        told: The report; nothing in it is believed but that there may be findings.
        optional: Scanners that may say that they are not configured.
    """
    heard = {each.name: each for each in told}
    scanners, findings = [], []
    for name in SCANNERS:
        scanner, found = _judged(heard.get(name, Told(name, "failed", "it was not heard of")), optional)
        scanners.append(scanner)
        findings += found
    order = list(Level)
    findings.sort(key=lambda found: (order.index(found.level), found.file, found.line, found.rule))
    return Scan(verdict_of(scanners, findings), content, rules, tuple(scanners), tuple(findings))


def failed(content: str, rules: str, why: str) -> Scan:
    """Return the scan of which nothing is known, and why."""
    return made(content, rules, [Told(name, "failed", why) for name in SCANNERS], optional=())


def verdict_of(scanners: Iterable[Scanner], findings: Iterable[Finding]) -> Verdict:
    """Return what follows. What nobody could look at waits, unless what was seen is enough to refuse."""
    levels = {found.level for found in findings}
    if Level.ERROR in levels:
        return Verdict.REFUSED
    if Level.UNCHECKED in levels or any(each.outcome is Outcome.FAILED for each in scanners):
        return Verdict.QUARANTINED
    return Verdict.WARNED if Level.WARNING in levels else Verdict.PASSED


def _judged(told: Told, optional: Collection[str]) -> tuple[Scanner, list[Finding]]:
    known = [hit for hit in told.hits if hit.rule in RULES and RULES[hit.rule].scanner == told.name]
    findings = [_finding(hit) for hit in _kept(hit for hit in known if _counts(hit))]
    if told.state == "not_configured" and told.name in optional and not told.hits:
        return Scanner(told.name, Outcome.NOT_CONFIGURED, _plain(told.why)), []
    if told.state != "done" or len(known) < len(told.hits):
        return Scanner(told.name, Outcome.FAILED, _plain(told.why) or "it said what cannot be"), findings
    return Scanner(told.name, Outcome.FINDINGS if findings else Outcome.PASSED), findings


def _counts(hit: Hit) -> bool:
    """Tell whether a hit is a finding: tests do odd things by nature, and are in no package."""
    return RULES[hit.rule].level is not Level.WARNING or not hit.file.startswith("tests/")


def _kept(hits: Iterable[Hit]) -> list[Hit]:
    by_file: Counter[tuple[str, str]] = Counter()
    by_rule: Counter[str] = Counter()
    kept = []
    for hit in dict.fromkeys(hits):
        by_file[hit.rule, hit.file] += 1
        if by_file[hit.rule, hit.file] <= MOST_OF_A_FILE and by_rule[hit.rule] < MOST_OF_A_RULE:
            by_rule[hit.rule] += 1
            kept.append(hit)
    return kept


def _finding(hit: Hit) -> Finding:
    rule = RULES[hit.rule]
    about = rule.about[0].upper() + rule.about[1:]
    message = f"{about}: {_plain(hit.detail)}" if hit.detail else about
    return Finding(hit.rule, rule.level, _plain(hit.file), max(hit.line, 0), message, rule.fix)


def _plain(text: str) -> str:
    return shown(text, 160)[1:-1]
