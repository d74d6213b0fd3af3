"""House rules that no linter knows. A failure names the files and what to do about them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "yesman"
TREES = {
    path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")
}
MOST_LINES = 400
STARTERS = {"subprocess", "multiprocessing", "pty"}
STARTING_CALLS = {"posix_spawn", "posix_spawnp", "popen", "create_subprocess_exec", "create_subprocess_shell"}
# What runs inside the sandbox, where a plugin may bring its own version of every package.
CHILD_SIDE = ("plugins/", "worker/", "wire/")
# Imported by to_click_command alone, and only when that is called.
LATE = "plugins/_click.py"


def packages_imported(tree: ast.AST) -> set[str]:
    """The top-level packages imported absolutely, anywhere below `tree`, but for the type checker."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            found |= packages_imported(node)
    return found


def attributes_used(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def mutable_globals(tree: ast.Module) -> list[str]:
    """Names of lists, dicts and sets at the top of a module that are not written as constants."""
    tables = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)
    ]
    targets = [
        t for node in tables for t in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = [ast.unparse(target) for target in targets]
    return [name for name in names if not name.isupper() and not name.startswith("__")]


def test_every_module_begins_by_saying_what_it_is():
    silent = [name for name, tree in TREES.items() if not ast.get_docstring(tree)]
    assert not silent, "start with a docstring that states what always holds"
    assert TREES


def test_no_module_is_two_ideas():
    root = SOURCE.parents[1]
    files = [SOURCE, *(root / name for name in ("tests", "benchmarks", "examples", "demo", "tools"))]
    lines = {
        path: len(path.read_text("utf-8").splitlines()) for folder in files for path in folder.rglob("*.py")
    }
    assert len(lines) > len(TREES)
    assert not {str(path): count for path, count in lines.items() if count > MOST_LINES}, "divide it"


def test_only_one_module_starts_processes():
    others = {name: tree for name, tree in TREES.items() if name != "process.py"}
    starting = [
        name
        for name, tree in others.items()
        if packages_imported(tree) & STARTERS or attributes_used(tree) & STARTING_CALLS
    ]
    assert not starting, "start processes through yesman.process"


@pytest.mark.parametrize("part", CHILD_SIDE)
def test_what_runs_in_the_sandbox_imports_the_standard_library_only(part):
    foreign = {
        name: packages_imported(tree) - sys.stdlib_module_names - {"yesman"}
        for name, tree in TREES.items()
        if name.startswith(part) and name != LATE
    }
    assert not {name: packages for name, packages in foreign.items() if packages}


def test_no_module_keeps_state():
    kept = {name: mutable_globals(tree) for name, tree in TREES.items()}
    assert not {name: names for name, names in kept.items() if names}, "state belongs in an object"


def test_the_rules_see_what_they_forbid():
    tree = ast.parse("import subprocess as s\nseen = {}\nTABLE = []\ndef f():\n    import yaml\n")
    assert packages_imported(tree) == {"subprocess", "yaml"}
    assert mutable_globals(tree) == ["seen"]
