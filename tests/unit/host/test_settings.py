"""Settings change as sets, under keys."""

from __future__ import annotations

import json

import pytest

from yesman.host.settings import PluginSettings
from yesman.model.errors import VerificationError


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
