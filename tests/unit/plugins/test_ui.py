"""The author's nodes and the host's are the same, field by field, and nothing is lost between them."""

from __future__ import annotations

import dataclasses
from collections import deque
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from yesman.model import panels
from yesman.model.errors import AuthorError
from yesman.model.panels import read_panel
from yesman.plugins import ui

PARTS = (ui.Action, ui.Column, ui.Series, ui.Item, ui.Tab)
NODES = tuple(ui.Node.__subclasses__())
BOTH = pytest.mark.parametrize("kind", [*NODES, *PARTS], ids=lambda kind: kind.__name__)

ACT = ui.Action("go", {"text": "a\tb", "number": 1, "share": 0.5, "yes": True, "none": None}, "Really?\nYes?")
PRESS = ui.Button("Go", ACT, "bad")
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "description": "😀", "enum": ["a", "b"], "default": "a"}},
}
LEAF = ui.Text("a\n\tb", "warning", strong=True)
EXAMPLES: tuple[ui.Node, ...] = (
    LEAF,
    ui.Markdown("# a\n\n*b*"),
    ui.KeyValue([("a", "b"), ("c", 1), ("d", 0.5), ("e", True), ("f", None)]),
    ui.Table(
        [ui.Column("a", "money"), ui.Column("b", "time")], [["x", 1.5], [None, False]], 1, True, 7, "none"
    ),
    ui.Metric("a", 3, "bytes", -1.5, "down", [1.0, 2.5]),
    ui.Chart(["x", "y"], [ui.Series("s", [1.5, None])], "bar", "percent", "t"),
    ui.Progress("a", 0.25),
    ui.Tree([ui.Item("a", [ui.Item("b", (), False, "good")], True, "muted")]),
    ui.Log(["a", "b"]),
    ui.Image("pictures/a.png", "a picture"),
    PRESS,
    ui.Menu("more", [PRESS]),
    ui.Form(SCHEMA, ACT, "Go"),
    ui.Tabs([ui.Tab("t", LEAF)]),
    ui.Stack([LEAF, ui.Stack([], "across", "s")], "across", "title"),
    ui.Empty("nothing", "do\nsomething"),
    ui.Error("broken", "mend\nit"),
)


def literals(hint: Any) -> set[Any]:
    """Return every word that a type allows, wherever it stands in it."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    inner = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
    return set().union(*map(literals, inner))


def defaults_of(kind: type) -> dict[str, Any]:
    """Return what each field of an author's class is when nothing is said; ``...`` if something must be."""
    found = {}
    for field in dataclasses.fields(kind):
        made = field.default_factory() if callable(field.default_factory) else ...
        found[field.name] = made if field.default is dataclasses.MISSING else field.default
    return found


def defaults_of_struct(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the same of one of the host's."""
    found = {}
    for field in msgspec.structs.fields(kind):
        made = field.default_factory() if callable(field.default_factory) else ...
        found[field.name] = made if field.default is msgspec.NODEFAULT else field.default
    return found


@BOTH
def test_both_have_the_same_fields_and_defaults(kind):
    assert defaults_of(kind) == defaults_of_struct(getattr(panels, kind.__name__))


@BOTH
def test_both_know_the_same_words(kind):
    names = vars(ui) | {"Callable": Any}
    ours = get_type_hints(kind, names)
    theirs = get_type_hints(getattr(panels, kind.__name__), include_extras=True)
    for field in dataclasses.fields(kind):
        assert literals(ours[field.name]) == literals(theirs[field.name]), field.name


def test_each_node_of_the_host_is_one_of_the_authors():
    assert {kind.__name__ for kind in get_args(panels.Node)} == {kind.__name__ for kind in NODES}
    assert {type(example) for example in EXAMPLES} == set(NODES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
def test_an_example_with_all_of_its_fields_loses_nothing(example):
    said = {
        f.name
        for f in dataclasses.fields(example)
        if getattr(example, f.name) != defaults_of(type(example))[f.name]
    }
    assert said == {f.name for f in dataclasses.fields(example)}, "the example leaves out a field"
    read = read_panel(ui.data(example))
    assert type(read).__name__ == type(example).__name__
    assert msgspec.json.decode(msgspec.json.encode(read)) == ui.data(example)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.kind)
def test_a_field_that_nobody_knows_is_refused(example):
    with pytest.raises(AuthorError, match="unknown field `colour`"):
        read_panel(ui.data(example) | {"colour": "red"})


def test_any_sequence_and_mapping_will_do():
    rows = deque([("a", 1)])
    node = ui.Stack((ui.KeyValue(rows), ui.Button("b", ui.Action("go", MappingProxyType({"n": 1})))))
    button = ui.data(node)["children"][1]
    assert ui.data(node)["children"][0]["rows"] == [["a", 1]]
    assert button["action"]["arguments"] == {"n": 1}
    assert ui.data(ui.Chart(range(2), ()))["labels"] == [0, 1]


def test_every_public_name_is_documented():
    public = [value for name in ui.__all__ if isinstance(value := getattr(ui, name), type)]
    assert {*NODES, *PARTS} < set(public)
    assert all(value.__doc__ and not value.__doc__.startswith(f"{value.__name__}(") for value in public)
