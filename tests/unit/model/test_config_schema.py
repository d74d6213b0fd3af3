"""Settings: defaults, what is missing, what a command line's text means, and secrets unsaid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.config_schema import ConfigSchema, Property
from yesman.model.errors import UsageError

SCHEMA = ConfigSchema(
    (
        Property(name="token", type="string", required=True, min_length=4),
        Property(name="branch", type="string", required=True, default="main"),
        Property(name="depth", type="integer", minimum=1, maximum=9, default=3),
        Property(name="ratio", type="number"),
        Property(name="loud", type="boolean", default=False),
        Property(name="tags", type="array", choices=("work", "play"), default=("work",)),
        Property(name="ports", type="array", items="integer"),
        Property(name="mode", type="string", choices=("fast", "safe")),
    )
)


def test_defaults_fill_what_was_not_given() -> None:
    assert SCHEMA.check({"token": "abcd", "depth": 5}) == {
        "token": "abcd",
        "branch": "main",
        "depth": 5,
        "loud": False,
        "tags": ["work"],
    }


def test_only_a_required_setting_without_value_and_default_is_missing() -> None:
    assert SCHEMA.missing({}) == ("token",)
    assert SCHEMA.missing({"token": "abcd"}) == ()


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("tokn", "x", "did you mean 'token'?"),
        ("token", 5, "must be text"),
        ("token", "abc", "at least 4 characters"),
        ("token", "abcd\udcff", "must be text"),
        ("depth", True, "must be a whole number"),
        ("depth", 2.0, "must be a whole number"),
        ("depth", 0, "at least 1"),
        ("depth", 10, "at most 9"),
        ("ratio", float("nan"), "must be a number"),
        ("ratio", 2**64, "must be a number"),
        ("loud", 1, "must be true or false"),
        ("tags", "work", "must be a list"),
        ("tags", ["sleep"], 'may only hold "work", "play"'),
        ("ports", ["80"], "each item is a whole number"),
        ("mode", "slow", 'must be one of "fast", "safe"'),
    ],
)
def test_what_does_not_fit_is_refused(key: str, value: object, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        SCHEMA.check({key: value})
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("token", " 1234", " 1234"),
        ("depth", "7", 7),
        ("ratio", "0.5", 0.5),
        ("ratio", "-1e3", -1000.0),
        ("loud", "Yes", True),
        ("loud", "off", False),
        ("tags", "work, play", ["work", "play"]),
        ("tags", "", []),
        ("ports", "[80, 443]", [80, 443]),
        ("ports", "80,443", [80, 443]),
    ],
)
def test_text_from_a_command_line_becomes_the_settings_type(key: str, text: str, value: object) -> None:
    assert SCHEMA.parse_text(key, text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("depth", "x"),
        ("depth", "07"),
        ("ratio", "1e999"),
        ("ratio", "nan"),
        ("loud", "maybe"),
        ("ports", "[80"),
    ],
)
def test_text_that_does_not_fit_is_refused(key: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"the setting '{key}' must be"):
        SCHEMA.parse_text(key, text)


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse_text("token", "s3c")
    assert "s3c" not in str(caught.value)


def test_a_plugin_without_settings_says_so() -> None:
    with pytest.raises(UsageError, match="This plugin has no settings"):
        ConfigSchema().check({"a": 1})
    assert ConfigSchema().check({}) == {}


@given(key=st.sampled_from([p.name for p in SCHEMA.properties]), text=st.text(max_size=40))
def test_any_text_is_refused_or_gives_a_value_that_fits(key: str, text: str) -> None:
    try:
        value = SCHEMA.parse_text(key, text)
    except UsageError:
        return
    assert SCHEMA.check({key: value})[key] == value
