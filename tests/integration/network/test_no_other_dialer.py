"""Where connections go is decided by a constructor argument of the tests' alone: nothing else reaches it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import yesman
from yesman.host.manager import PluginManager
from yesman.runtime.dialling import DirectDialer
from yesman.runtime.names import SystemResolver
from yesman.server import main

SOURCES = sorted(Path(yesman.__file__).parent.rglob("*.py"))
REPLACEABLE = {"dialer", "resolver"}


def calls(path: Path, name: str) -> list[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id == name]


def test_the_server_hands_over_neither():
    (call,) = calls(Path(inspect.getfile(main)), "PluginManager")
    assert not REPLACEABLE & {keyword.arg for keyword in call.keywords}
    assert all(keyword.arg is not None for keyword in call.keywords), "no **arguments"
    assert not any(isinstance(argument, ast.Starred) for argument in call.args)


def test_only_the_server_makes_a_manager():
    assert [path.name for path in SOURCES if calls(path, "PluginManager")] == ["main.py"]


def test_both_are_keyword_only_and_default_to_the_real_thing():
    parameters = inspect.signature(PluginManager).parameters
    for name in REPLACEABLE:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].default is None
    text = inspect.getsource(PluginManager.__init__)
    assert "resolver or SystemResolver()" in text
    assert "dialer or DirectDialer()" in text


def test_nothing_near_it_reads_the_environment_a_flag_or_a_file():
    near = [path for path in SOURCES if {"dialer", "resolver"} & set(names(path))]
    assert {path.name for path in near} == {"manager.py", "broker.py", "network.py"}
    for path in near:
        assert not {"environ", "getenv", "argv", "argparse", "click"} & set(names(path)), path


def names(path: Path) -> list[str]:
    tree = ast.parse(path.read_text("utf-8"))
    arguments = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg | ast.keyword) and node.arg]
    attributes = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [*arguments, *attributes, *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))]


def test_the_real_dialer_changes_nothing_and_the_real_resolver_takes_nothing(monkeypatch):
    target = object()
    assert DirectDialer().route(target) is target  # type: ignore[arg-type]  # whatever it is
    assert not inspect.signature(DirectDialer).parameters
    assert not inspect.signature(SystemResolver).parameters
