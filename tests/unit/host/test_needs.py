"""The order of plugins that need each other."""

from __future__ import annotations

import pytest

from yesman.host.needs import in_order, layers, needed_by
from yesman.host.registry import Record
from yesman.model.errors import AuthorError, UsageError
from yesman.model.needed import NeededPlugin, parse_needed


def records(**needs):
    return {
        name: Record(
            version="1.0",
            installed_at="",
            manifest={"plugins": [{"name": other, "versions": ""} for other in others]},
            digest="",
            source="",
        )
        for name, others in needs.items()
    }


DIAMOND = records(top=["left", "right"], left=["base"], right=["base"], base=[], alone=[])


def test_each_comes_after_what_it_needs():
    assert in_order("top", DIAMOND) == ("base", "left", "right")
    assert in_order("alone", DIAMOND) == ()


@pytest.mark.parametrize("cycle", [{"a": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["a"]}])
def test_a_cycle_is_named(cycle):
    with pytest.raises(UsageError, match=r"in a cycle: 'a' needs .*'a'"):
        in_order("a", records(**cycle))


def test_a_cycle_further_down_is_named_without_who_asked():
    with pytest.raises(UsageError, match="cycle: 'b' needs 'c' needs 'b'\\."):
        in_order("a", records(a=["b"], b=["c"], c=["b"]))


def test_nobody_is_stopped_before_those_that_need_it():
    assert layers(DIAMOND, DIAMOND) == [{"top", "alone"}, {"left", "right"}, {"base"}]


def test_a_cycle_that_somebody_wrote_into_the_registry_ends_all_the_same():
    assert layers("ab", records(a=["b"], b=["a"])) == [{"a", "b"}]


def test_only_those_that_name_it_need_it():
    assert needed_by("base", DIAMOND) == ("left", "right")


@pytest.mark.parametrize(
    ("text", "versions"), [("base", ""), ("base>=1.0,<2", "<2,>=1.0"), ("base ~= 1.4", "~=1.4")]
)
def test_a_needed_plugin_is_a_name_and_versions(text, versions):
    assert parse_needed(text) == NeededPlugin("base", versions)


@pytest.mark.parametrize("text", ["", "Base", "base>=", "base 1.0", "base @ https://x", "../base", "base[x]"])
def test_anything_else_is_refused(text):
    with pytest.raises(AuthorError):
        parse_needed(text)


def test_a_trial_version_fits():
    assert parse_needed("base>=1.0").fits("2.0rc1")
    assert not parse_needed("base>=1.0").fits("0.9")
