"""Where connections go is decided by a constructor argument of the tests' alone: nothing else reaches it."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import yesman
from yesman.host.manager import PluginManager
from yesman.runtime.dialling import DirectDialer
from yesman.runtime.names import SystemResolver
from yesman.runtime.network import Networks

ROOT = Path(yesman.__file__).parent
CONFINED = {"plugins", "worker"}
"""What runs inside the sandbox, and has a PluginManager of its own: the author's."""
SOURCES = sorted(p for p in ROOT.rglob("*.py") if p.relative_to(ROOT).parts[0] not in CONFINED)
REPLACEABLE = {"dialer", "resolver", "networks"}


def calls(path: Path, name: str) -> list[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id == name]


def plain(call: ast.Call) -> bool:
    """Whether every argument is written out and none replaces where things lead."""
    keywords = {keyword.arg for keyword in call.keywords}
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    return not starred and None not in keywords and not REPLACEABLE & keywords


KIT = "testkit/hosting.py"
"""The one place that leads connections elsewhere, to what a test made up; no part of a server imports it."""


def inner(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_server_and_the_test_kit_make_one_manager_each_and_the_server_hands_over_nothing():
    found = {inner(path): calls(path, "PluginManager") for path in SOURCES}
    assert {name: len(made) for name, made in found.items() if made} == {"server/parts.py": 1, KIT: 1}
    assert [plain(call) for call in found["server/parts.py"]] == [True]


def test_whoever_makes_networks_but_for_the_test_kit_hands_over_nothing():
    made = {inner(path): [ast.unparse(call) for call in calls(path, "Networks")] for path in SOURCES}
    assert len(made.pop(KIT)) == 1
    assert {name: texts for name, texts in made.items() if texts} == {
        "host/manager.py": ["Networks()"],
        "embed/runner.py": ["Networks()"],
    }


def test_no_part_of_a_server_imports_the_test_kit():
    program = "import sys, yesman.__main__, yesman.server.main, yesman.embed; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "yesman.server.parts" in ran.stdout.split()
    assert not [name for name in ran.stdout.split() if name.startswith("yesman.testkit")]


def test_what_is_not_handed_over_is_the_real_thing():
    networks = Networks()
    assert type(networks._dialer) is DirectDialer
    assert type(networks._resolver) is SystemResolver
    for made, names_ in ((PluginManager, {"networks"}), (Networks, {"dialer", "resolver"})):
        parameters = inspect.signature(made).parameters
        assert {parameters[name].kind for name in names_} == {inspect.Parameter.KEYWORD_ONLY}
        assert {parameters[name].default for name in names_} == {None}


@pytest.mark.escape("network")
def test_nothing_near_it_reads_the_environment_a_flag_or_a_file():
    near = [path for path in SOURCES if REPLACEABLE & set(names(path)) and inner(path) != KIT]
    assert set(map(inner, near)) == {
        "host/manager.py", "host/starting.py", "host/templates.py", "runtime/broker.py", "runtime/network.py"
    }  # fmt: skip
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
