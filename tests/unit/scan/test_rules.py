"""Every rule finds what it is for, and is silent about what is nearly so."""

from __future__ import annotations

import pytest
from scanned import of_code, of_rules

from yesman.findings.rules import Level
from yesman.scan.model import Outcome, Verdict
from yesman.scan.rules_table import RULES, SCANNERS, files

SAMPLES = of_rules.SAMPLES | of_code.SAMPLES
ELSEWHERE = {
    rule for rule, row in RULES.items() if row.scanner in {"names", "advisories"}
}  # need data: their own tests


def test_every_rule_has_a_sample_of_both_kinds():
    assert SAMPLES.keys() | ELSEWHERE == RULES.keys()
    assert not of_rules.SAMPLES.keys() & of_code.SAMPLES.keys()


@pytest.mark.parametrize("rule", SAMPLES)
def test_a_rule_finds_what_it_is_for(scanned, rule):
    found = [each for each in scanned(SAMPLES[rule][0]).findings if each.rule == rule]
    assert found
    assert found[0].level is RULES[rule].level
    assert found[0].fix
    assert found[0].message[0].isupper()


@pytest.mark.parametrize("rule", SAMPLES)
def test_a_rule_is_silent_about_what_is_nearly_so(scanned, rule):
    assert rule not in [each.rule for each in scanned(SAMPLES[rule][1]).findings]


def test_a_sound_plugin_passes(scanned):
    scan = scanned({})
    assert scan.verdict is Verdict.PASSED
    assert {each.name: each.outcome for each in scan.scanners} == dict.fromkeys(
        SCANNERS[:5], Outcome.PASSED
    ) | {"advisories": Outcome.NOT_CONFIGURED}


def test_the_table_knows_every_rule_of_the_files():
    written = [
        line.split()[1]
        for path in files()
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("rule ")
    ]
    assert [name.replace("_", "-") for name in written] == [*RULES][: len(written)]
    assert {row.scanner for row in RULES.values()} == set(SCANNERS)
    assert {row.level for row in RULES.values()} == set(Level)


def test_what_is_put_together_is_held_against_the_rules(scanned):
    scan = scanned(
        'KEY = "/home/x/.s" + "sh/id_" + "rsa"\n\n\nDATA = "".join(["https://web", "hook.site/1"])\n'
    )
    assert [(found.rule, found.line) for found in scan.findings] == [
        ("credentials-ssh", 1),
        ("exfiltration-collector", 4),
    ]


def test_the_line_is_named(scanned):
    scan = scanned("X = 1\n\n\nimport ctypes\n")
    assert [found.place for found in scan.findings] == ["src/main.py:4"]


def test_warnings_about_tests_do_not_count_and_errors_do(scanned):
    assert scanned({"tests/test_it.py": "import ctypes\n"}).verdict is Verdict.PASSED
    assert scanned({"tests/test_it.py": of_rules.SAMPLES["miner"][0]}).verdict is Verdict.REFUSED
