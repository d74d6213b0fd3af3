"""Settings change as sets, under keys; the user's own configuration is read strictly."""

from __future__ import annotations

import json

import pytest

from yesman.host.settings import PluginSettings, read_roots
from yesman.model.errors import UsageError, VerificationError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plugin_settings.json"


def test_a_set_is_kept_under_a_key_of_its_own(path):
    settings = PluginSettings(path)
    one, two = settings.add("demo", {"a": 1}), settings.add("demo", {"a": 2})
    assert one != two
    assert one.startswith("demo ")
    again = PluginSettings(path)
    assert (again.of(one), again.of(two)) == ({"a": 1}, {"a": 2})
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_values_need_no_key_and_no_file(path):
    settings = PluginSettings(path)
    assert settings.add("demo", {}) == ""
    assert settings.of("") == settings.of("absent") == {}
    assert not path.exists()


def test_only_what_is_named_is_kept(path):
    settings = PluginSettings(path)
    old, new = settings.add("demo", {"a": 1}), settings.add("demo", {"a": 2})
    settings.keep({new, ""})
    assert (settings.of(old), settings.of(new)) == ({}, {"a": 2})
    assert json.loads(path.read_text()) == {new: {"a": 2}}


def test_keeping_all_writes_nothing(path):
    settings = PluginSettings(path)
    key = settings.add("demo", {"a": 1})
    before = path.stat().st_ino
    settings.keep({key})
    assert path.stat().st_ino == before


def test_a_caller_cannot_change_what_is_held(path):
    settings = PluginSettings(path)
    key = settings.add("demo", {"a": 1})
    settings.of(key)["a"] = 2
    assert settings.of(key) == {"a": 1}


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": 1}'])
def test_a_damaged_file_is_refused_without_its_content(path, content):
    path.write_bytes(content)
    with pytest.raises(VerificationError, match=r"plugin_settings\.json"):
        PluginSettings(path)


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("roots: [~/projects, /srv]", ("~/projects", "/srv")),
        ("roots: []", ()),
        ("roots:\n  - /a b\n", ("/a b",)),
        ("{}", None),
    ],
)
def test_roots_are_read(tmp_path, text, roots):
    (tmp_path / "config.yaml").write_text(text)
    assert read_roots(tmp_path / "config.yaml") == roots


def test_no_configuration_means_no_roots_were_chosen(tmp_path):
    assert read_roots(tmp_path / "config.yaml") is None


@pytest.mark.parametrize(
    "text",
    ["roots: /a", "roots: [a]", "roots: [3]", "root: [/a]", "- /a", "roots: [/a", "roots: [[/a]]", "a: &x b"],
)
def test_a_malformed_configuration_is_the_users_mistake(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UsageError, match=r"config\.yaml"):
        read_roots(tmp_path / "config.yaml")


def test_a_configuration_that_is_no_file_is_the_users_mistake(tmp_path):
    (tmp_path / "config.yaml").mkdir()
    with pytest.raises(UsageError, match=r"config\.yaml"):
        read_roots(tmp_path / "config.yaml")
