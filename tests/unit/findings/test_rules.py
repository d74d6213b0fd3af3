"""Every rule finds what it is for, and is silent about what is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yesman.findings.rules import RULES, Level

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "findings.md"

MAIN, YAML, NEEDED, LOCK = "src/main.py", "plugin.yaml", "requirements.txt", "requirements.lock"
OTHER = "+import sys\n"
ASKING = "+import requests\n"
COMMANDS = "+provides:\n  - commands:\n      - name: hi\n"
NETWORK = "+permissions:\n  - name: network.external\n    reason: to ask\n"
BARE = "+permissions: [network.external]\n"
OLDEST = "+yesman:\n  min_version: '{}'\n"

# rule -> (the file and line that are named, a folder's changed files, the same but right)
CASES = {
    "manifest": (YAML, 4, {YAML: "+permisions: []\n"}, {YAML: "+permissions: []\n"}),
    "entry": (MAIN, 1, {MAIN: "def broken(:\n"}, {MAIN: "def sound(): ...\n"}),
    "requirements": (NEEDED, 1, {NEEDED: "--index-url https://x.org\n"}, {NEEDED: "# none\n"}),
    "lock": ("", 0, {LOCK: "a==1\n"}, {}),
    "content": ("", 0, {"x": "1", "X": "1"}, {"x": "1", "y": "1"}),
    "source": ("src/old.py", 1, {"src/old.py": "print 'x'\n"}, {"src/old.py": "print('x')\n"}),
    "permission-missing": (MAIN, 6, {MAIN: ASKING}, {MAIN: ASKING, YAML: NETWORK}),
    "permission-unused": (YAML, 5, {YAML: NETWORK}, {MAIN: ASKING, YAML: NETWORK}),
    "api-unknown": (MAIN, 6, {MAIN: "+from yesman.plugins import Hook\n"}, {MAIN: OTHER}),
    "api-newer": (MAIN, 1, {YAML: OLDEST.format("0.10.0")}, {YAML: OLDEST.format("0.11.0")}),
    "api-private": (MAIN, 6, {MAIN: "+import yesman.host.bus\n"}, {MAIN: "+import yesman.plugins\n"}),
    "dependencies-unchecked": (NEEDED, 0, {NEEDED: "six\n"}, {NEEDED: "\n"}),
    "docs-readme": ("README.md", 0, {"README.md": None}, {"README.md": None, "docs/README.md": "x"}),
    "docs-description": (YAML, 0, {YAML: "name: hello\nversion: 1.0.0\n"}, {}),
    "docs-reason": (YAML, 4, {MAIN: ASKING, YAML: BARE}, {MAIN: ASKING, YAML: NETWORK}),
    "docs-command": (YAML, 6, {YAML: COMMANDS}, {YAML: f"{COMMANDS}        description: Hi.\n"}),
}
ASKED_OF_THE_INDEX = {"dependencies"}  # tests/integration/findings


def test_every_rule_has_a_case():
    assert CASES.keys() | ASKED_OF_THE_INDEX == RULES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_what_is_wrong_is_found_where_it_is(found, rule):
    file, line, wrong, _ = CASES[rule]
    (finding,) = [each for each in found(wrong) if each.rule == rule]
    assert (finding.file, finding.line, finding.level) == (file, line, RULES[rule].level)
    assert finding.message
    assert finding.fix


@pytest.mark.parametrize("rule", CASES)
def test_what_is_right_is_not(found, rule):
    *_, right = CASES[rule]
    assert [each for each in found(right) if each.rule == rule] == []


@pytest.mark.parametrize("rule", CASES)
def test_a_case_is_about_one_rule(found, rule):
    _, _, wrong, _ = CASES[rule]
    assert {each.rule for each in found(wrong)} <= {rule, "docs-reason", "dependencies-unchecked"}


def test_a_sound_folder_has_none(found):
    assert found({}) == []


def test_errors_do_not_hide_each_other(found):
    wrong = {YAML: "+permisions: []\n", MAIN: "def (:\n", NEEDED: "-r x\n", "x": "1", "X": "1"}
    assert [each.rule for each in found(wrong)] == ["manifest", "entry", "requirements", "content"]


def test_levels_are_what_the_exit_code_rests_on():
    assert {row.level for row in RULES.values()} == set(Level)
    assert all(row.fix for row in RULES.values() if row.level is Level.WARNING)


def test_the_reference_page_lists_them():
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(name, row.level.value, row.about) for name, row in RULES.items()]
