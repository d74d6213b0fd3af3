"""The plugin in the real sandbox, and its votes."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from yesman.plugins import Allow, Deny, Event
from yesman.plugins.testing import load_plugin

RULES = ["allow Bash make *", "deny Bash *secret*"]
OPTIONS = ({"label": "Yes"}, {"label": "Yes, and don't ask again for make"}, {"label": "No"})


def vote(plugin, command, rules=RULES, options=OPTIONS):
    context = SimpleNamespace(config={"rules": rules}, logger=logging.getLogger("auto-answer"))
    prompt = {"tool": "Bash", "command": command, "options": list(options)}
    made = plugin.main.AutoAnswerPlugin(context)
    event = Event("id", 0.0, 1, "prompt.answering", "host", "work", 1, {"prompt": prompt})
    return made.get_hooks()["prompt.answering"](event)


def test_it_votes_for_the_plain_yes_by_a_rule_only(plugin):
    assert vote(plugin, "make test") == Allow("Yes")
    assert vote(plugin, "make secret") == Deny("rule 'deny Bash *secret*'")
    assert vote(plugin, "touch x") is None
    assert vote(plugin, "make test", rules=[]) is None


def test_it_abstains_where_there_is_no_plain_yes(plugin):
    assert vote(plugin, "make test", options=OPTIONS[1:]) is None


async def test_installed_it_tells_what_it_would_answer():
    async with load_plugin("auto-answer", config={"rules": RULES}) as loaded:
        said = await loaded.execute_command("would-answer", about="make test")
        assert said == {"answer": "allow", "rule": "allow Bash make *"}
        assert (await loaded.execute_command("would-answer", about="make; x"))["answer"] is None


async def test_installed_without_rules_it_answers_nothing():
    async with load_plugin("auto-answer") as loaded:
        said = await loaded.execute_command("would-answer", about="make test")
        assert said == {"answer": None, "rule": None}


async def test_a_rule_that_cannot_be_read_keeps_it_from_starting():
    with pytest.raises(Exception, match="'alow Bash x' must begin with"):
        await load_plugin("auto-answer", config={"rules": ["alow Bash x"]})
