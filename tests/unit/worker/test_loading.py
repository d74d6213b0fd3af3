"""Exactly one plugin class, and a sentence for the author when it is not so."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from yesman.plugins import CommandPlugin, HookPlugin, PluginBase
from yesman.worker.loading import LoadError, find_class


def module(**names: Any) -> ModuleType:
    made = ModuleType("src.main")
    vars(made).update(names)
    return made


def plugin(name: str, base: type = CommandPlugin, where: str = "src.main", **members: Any) -> type:
    members = {"__module__": where, "get_commands": lambda _self: [], **members}
    return type(name, (base,), members)


def test_the_one_class_is_found_among_imported_bases():
    mine = plugin("Mine")
    assert find_class(module(Mine=mine, CommandPlugin=CommandPlugin, HookPlugin=HookPlugin, text="x")) is mine


def test_a_class_from_the_plugins_other_files_counts():
    mine = plugin("Mine", where="src.impl")
    assert find_class(module(Mine=mine, Again=mine)) is mine


def test_a_base_of_the_plugins_own_does_not_count_beside_its_subclass():
    base = plugin("Base")
    mine = plugin("Mine", base)
    assert find_class(module(Base=base, Mine=mine)) is mine


def test_a_class_of_a_library_does_not_count():
    foreign = plugin("Foreign", where="library.plugins")
    with pytest.raises(LoadError, match="no plugin class"):
        find_class(module(Foreign=foreign))


def test_no_class_is_explained():
    with pytest.raises(LoadError, match=r"src/main.py defines no plugin class; derive one from"):
        find_class(module(PluginBase=PluginBase))


def test_two_classes_are_named():
    with pytest.raises(LoadError, match=r"2 plugin classes .One and Two.; keep one"):
        find_class(module(One=plugin("One"), Two=plugin("Two")))


def test_missing_methods_are_named():
    bare = type("Bare", (HookPlugin,), {"__module__": "src.main"})
    with pytest.raises(LoadError, match=r"class Bare does not define get_hooks\(\)"):
        find_class(module(Bare=bare))
