"""Our hooks in somebody's settings: nothing of theirs is lost, doubled or moved."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.agents.claude_settings import hook_command, with_hooks, without_hooks
from yesman.agents.events import HOOKS
from yesman.model.errors import UsageError

COMMAND = hook_command("/usr/bin/python3")
THEIRS = {
    "z": 1,
    "permissions": {"allow": ["Bash(ls:*)"]},
    "hooks": {
        "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "check"}]}],
    },
    "a": "ü",
}


def test_the_command_neither_prints_nor_fails_once_we_are_gone():
    assert hook_command("/a b/python") == "'/a b/python' -I -m yesman.agents.event 2>/dev/null || :"


def test_a_project_without_settings_gets_only_the_hooks():
    settings = json.loads(with_hooks(None, COMMAND))
    assert list(settings) == ["hooks"]
    assert list(settings["hooks"]) == list(HOOKS)


def test_what_others_wrote_stays_in_its_order():
    after = json.loads(with_hooks(json.dumps(THEIRS), COMMAND))
    assert list(after) == list(THEIRS)
    assert after["hooks"]["Stop"][0] == THEIRS["hooks"]["Stop"][0]
    assert len(after["hooks"]["Stop"]) == 2
    assert {key: after[key] for key in ("z", "permissions", "a")} == {
        key: THEIRS[key] for key in ("z", "permissions", "a")
    }


def test_twice_is_as_once():
    once = with_hooks(json.dumps(THEIRS), COMMAND)
    assert with_hooks(once, COMMAND) == once


def test_another_interpreter_replaces_the_old_hooks():
    after = with_hooks(with_hooks(None, hook_command("/old")), COMMAND)
    assert after == with_hooks(None, COMMAND)


def test_removing_gives_back_what_was_there():
    assert json.loads(without_hooks(with_hooks(json.dumps(THEIRS), COMMAND))) == THEIRS
    assert without_hooks(with_hooks(None, COMMAND)) is None


def test_removing_where_nothing_is_ours_changes_not_a_byte():
    text = '{ "hooks":{"Stop":[]},"x" :1}'
    assert without_hooks(text) == text


def test_one_of_ours_beside_one_of_theirs_leaves_theirs():
    mixed = {"hooks": {"Stop": [{"hooks": [{"command": "theirs"}, {"command": COMMAND}]}]}}
    assert json.loads(without_hooks(json.dumps(mixed))) == {
        "hooks": {"Stop": [{"hooks": [{"command": "theirs"}]}]}
    }


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_the_indent_is_kept(indent):
    text = json.dumps(THEIRS, indent=indent, ensure_ascii=False) + "\n"
    after = with_hooks(text, COMMAND)
    assert after.startswith("{\n" + indent + '"z"')
    assert "ü" in after


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        "[" * 100_000,
        '{"hooks": []}',
        '{"hooks": {"Stop": {}}}',
        '{"hooks": {"Stop": ["x"]}}',
        '{"hooks": {"Stop": [{"matcher": ""}]}}',
        '{"hooks": {"Stop": [{"hooks": ["x"]}]}}',
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(text):
    for change in (lambda: with_hooks(text, COMMAND), lambda: without_hooks(text)):
        with pytest.raises(UsageError) as caught:
            change()
        assert "settings.local.json" in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text().filter(lambda key: key != "hooks"), JSON, max_size=5))
def test_any_settings_survive_both_ways(settings):
    text = json.dumps(settings)
    back = without_hooks(with_hooks(text, COMMAND))
    assert (json.loads(back) if back else {}) == settings
