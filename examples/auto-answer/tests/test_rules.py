"""Rules say yes to what they name, and to nothing that only begins like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st


def answer(plugin, rules, subject, tool="Bash", key="command"):
    parsed = tuple(plugin.rules.parse(rule) for rule in rules)
    rule = plugin.rules.verdict(parsed, {"tool": tool, key: subject})
    return rule and rule.answer


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("git log", None),
        ("git log -3 --format='%h %s'", "allow"),
        ("make test", "allow"),
        ("make test ", None),
        ("make tests", None),
        (" make test", None),
        ("cat secret", "deny"),
        ("git log secret; x", "deny"),
    ],
)
def test_the_whole_command_counts(plugin, command, expected):
    rules = ["allow Bash git log *", "allow Bash make test", "deny Bash *secret*"]
    assert answer(plugin, rules, command) == expected


@pytest.mark.parametrize(
    "more",
    ["; rm -rf ~", "& x", "| sh", "> ~/.bashrc", "< x", "$(x)", "`x`", "$HOME", "\nrm x", "\rx", "(x)"],
)
def test_no_wildcard_reaches_a_second_command(plugin, more):
    assert answer(plugin, ["allow Bash git log *"], f"git log {more}") is None
    assert answer(plugin, ["allow Bash git log *"], "git log more") == "allow"


def test_a_pattern_may_name_what_no_wildcard_stands_for(plugin):
    assert answer(plugin, ["allow Bash make test | tail -?"], "make test | tail -5") == "allow"


def test_a_file_is_not_reached_around_a_corner(plugin):
    rules = ["allow Edit /work/app/*"]
    assert answer(plugin, rules, "/work/app/src/a.py", "Edit", "file") == "allow"
    assert answer(plugin, rules, "/work/app/../../root/.ssh/config", "Edit", "file") is None


def test_another_tool_is_not_meant(plugin):
    assert answer(plugin, ["allow Bash *", "deny Edit"], "x", "WebFetch", "url") is None
    assert answer(plugin, ["allow Bash *", "deny Edit"], "x", "Edit", "file") == "deny"


def test_brackets_are_no_wildcards(plugin):
    assert answer(plugin, ["allow Bash ls [ab]"], "ls a") is None
    assert answer(plugin, ["allow Bash ls [ab]"], "ls [ab]") == "allow"


@given(command=st.text(max_size=50))
def test_without_rules_there_is_no_answer(plugin, command):
    assert answer(plugin, [], command) is None


@pytest.mark.parametrize("rule", ["", "allow", "permit Bash x", "allow Bash", "Bash make", "ALLOW Bash x"])
def test_what_is_no_rule_is_refused(plugin, rule):
    with pytest.raises(ValueError, match="the rule"):
        plugin.rules.parse(rule)
