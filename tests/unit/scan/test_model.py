"""What follows from a report; nothing that is left out or made up passes."""

from __future__ import annotations

import pytest

from yesman.scan.model import MOST_OF_A_RULE, Hit, Outcome, Told, Verdict, failed, made
from yesman.scan.rules_table import SCANNERS

DONE = [Told(name, "done") for name in SCANNERS]
OPTIONAL = {"names", "advisories"}


def judged(*changed: Told) -> Verdict:
    return made("", "", [*DONE, *changed], optional=OPTIONAL).verdict


def test_all_done_and_nothing_found_passes():
    assert judged() is Verdict.PASSED


@pytest.mark.parametrize(
    "told",
    [
        Told("rules", "failed", "it died"),
        Told("rules", "not_configured"),
        Told("code", "passed"),
        Told("names", "not_configured", "", (Hit("name-similar", ""),)),
        Told("rules", "done", "", (Hit("no-such-rule", ""),)),
        Told("rules", "done", "", (Hit("exec-decoded", ""),)),
        Told("code", "done", "", (Hit("source-unchecked", "src/a.py"),)),
    ],
)
def test_what_nobody_could_look_at_is_quarantined(told):
    assert judged(told) is Verdict.QUARANTINED


def test_what_is_not_heard_of_has_failed():
    assert made("", "", DONE[1:], optional=OPTIONAL).outcome("rules") is Outcome.FAILED
    assert failed("", "", "why").verdict is Verdict.QUARANTINED


def test_what_has_nothing_to_compare_with_says_so():
    scan = made("", "", [*DONE, Told("names", "not_configured", "no list")], optional=OPTIONAL)
    assert (scan.verdict, scan.outcome("names")) == (Verdict.PASSED, Outcome.NOT_CONFIGURED)
    assert made("", "", [*DONE, Told("names", "not_configured")], optional=()).verdict is Verdict.QUARANTINED


def test_the_worst_decides():
    warned, refused = Hit("native-code", "a.py", 1), Hit("exec-decoded", "b.py", 1)
    assert judged(Told("code", "done", "", (warned,))) is Verdict.WARNED
    assert judged(Told("code", "failed", "", (warned, refused))) is Verdict.REFUSED


def test_no_rule_drowns_another():
    flood = tuple(Hit("native-code", f"src/{n}.py", 1) for n in range(5_000))
    scan = made(
        "", "", [*DONE, Told("code", "done", "", (*flood, Hit("exec-decoded", "z.py", 1)))], optional=OPTIONAL
    )
    assert len(scan.findings) == MOST_OF_A_RULE + 1
    assert scan.findings[0].rule == "exec-decoded"


def test_what_a_stranger_wrote_is_shown_harmless():
    scan = made(
        "",
        "",
        [*DONE, Told("code", "done", "", (Hit("native-code", "a\x1b[2J", 1, "\u202ex" * 500),))],
        optional=(),
    )
    text = scan.findings[0].file + scan.findings[0].message
    assert text.isprintable()
    assert len(text) < 1_500
