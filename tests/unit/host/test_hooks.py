"""Who hears of an event is looked up, not searched for, and always as the registry stands."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from yesman.host.registry import Hooks, Record, Registry

NAMES = st.sampled_from(["a.b", "a.c", "a.*", "*", "a.?", "[a]*", "b", ""])


def record(*hooks: str, enabled: bool = True) -> Record:
    return Record(
        version="1", installed_at="", manifest={}, digest="", source="", hooks=hooks, enabled=enabled
    )


@given(st.lists(st.tuples(st.lists(NAMES, max_size=4), st.booleans()), max_size=6), NAMES)
def test_it_answers_as_a_search_would(rows, event):
    records = {f"p{n}": record(*hooks, enabled=enabled) for n, (hooks, enabled) in enumerate(rows)}
    searched = [
        name
        for name, each in records.items()
        if each.enabled and any(fnmatchcase(event, hook) for hook in each.hooks)
    ]
    assert Hooks(records).on(event) == searched


def test_every_change_of_the_registry_counts_at_once(tmp_path):
    registry = Registry(tmp_path / "registry.json")
    registry.put("one", record("a.b"))
    registry.put("two", record("a.*"))
    assert registry.hooked("a.b") == ["one", "two"]
    registry.put("one", msgspec.structs.replace(registry.get("one"), enabled=False))
    assert registry.hooked("a.b") == ["two"]
    registry.drop("two")
    assert registry.hooked("a.b") == []
