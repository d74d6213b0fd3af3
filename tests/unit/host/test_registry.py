"""The registry is what was written to it, and is never half written."""

from __future__ import annotations

import json

import msgspec
import pytest

from yesman.host.registry import Registry
from yesman.model.errors import NotFoundError, PlatformError, VerificationError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plugin_registry.json"


def test_what_is_put_comes_back_from_disk(path, record, command):
    made = record(
        grants=("session.read:work-*",), commands=(command("go"),), hooks=("session.*",), activated=True
    )
    Registry(path).put("demo", made)
    again = Registry(path).get("demo")
    assert msgspec.json.encode(again) == msgspec.json.encode(made)
    assert str(Registry(path).get("demo").granted()[0]) == "session.read:work-*"
    assert Registry(path).get("demo").parsed_manifest().name == "demo"


def test_the_order_of_installation_stays(path, record):
    registry = Registry(path)
    for name in ("c", "a", "b"):
        registry.put(name, record())
    registry.put("a", record(version="2.0.0"))
    assert list(Registry(path).all()) == ["c", "a", "b"]
    registry.drop("a")
    assert list(Registry(path).all()) == ["c", "b"]


def test_the_file_is_readable_by_people_and_by_nobody_else(path, record):
    Registry(path).put("demo", record())
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["demo"]["version"] == "1.0.0"
    assert path.read_text().count("\n") > 10


def test_an_absent_file_is_an_empty_registry(path):
    assert Registry(path).all() == {}
    assert not path.exists()


def test_an_unknown_name_suggests_the_near_one(path, record):
    registry = Registry(path)
    registry.put("github-integration", record())
    with pytest.raises(NotFoundError, match="github-integration"):
        registry.get("github-integraton")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"demo": {}}', b'{"demo": []}', b"{}{}"]
)
def test_a_damaged_file_is_refused_by_name(path, content):
    path.write_bytes(content)
    with pytest.raises(VerificationError, match=r"plugin_registry\.json"):
        Registry(path)


def test_a_write_that_fails_changes_neither_memory_nor_disk(path, record):
    registry = Registry(path)
    registry.put("demo", record())
    before = path.read_bytes()
    (path.parent / "moved").mkdir()
    path.rename(path.parent / "moved" / path.name)
    path.mkdir()  # what cannot be replaced by a file, whoever asks
    with pytest.raises(PlatformError):
        registry.put("other", record())
    assert list(registry.all()) == ["demo"]
    assert (path.parent / "moved" / path.name).read_bytes() == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["moved", path.name]
