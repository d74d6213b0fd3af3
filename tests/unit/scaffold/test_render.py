"""Every name and every text makes a plugin that can be read, or is refused; nothing gets into its code."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import UsageError
from yesman.model.manifest import parse_manifest
from yesman.model.manifest_schema import NAME
from yesman.model.reserved import BUILT_IN
from yesman.scaffold import KINDS, Plan, render
from yesman.scaffold.render import class_name

NAMES = st.from_regex(NAME, fullmatch=True).filter(lambda name: name not in BUILT_IN)


def manifest_of(texts):
    return parse_manifest(texts["plugin.yaml"].encode())


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_what_an_author_needs(kind):
    texts = render(Plan("mine", kind, KINDS[kind], "Ada"))
    assert {".gitignore", "README.md", "plugin.yaml", "src/__init__.py", "src/main.py"} < set(texts)
    assert "tests/test_plugin.py" in texts
    manifest = manifest_of(texts)
    assert (manifest.name, manifest.type, manifest.author) == ("mine", kind, "Ada")
    assert manifest.description == KINDS[kind]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("git-insight", "GitInsightPlugin"),
        ("my-plugin", "MyPlugin"),
        ("command", "MyCommandPlugin"),
        ("hook-plugin", "MyHookPlugin"),
        ("7zip", "My7zipPlugin"),
        ("a--b-", "ABPlugin"),
    ],
)
def test_classes_are_called_after_the_plugin_and_never_as_what_they_import(name, expected):
    assert class_name(name) == expected


@given(name=NAMES, kind=st.sampled_from(list(KINDS)))
def test_every_name_makes_code_that_compiles(name, kind):
    texts = render(Plan(name, kind, "d", "a"))
    for path, text in texts.items():
        if path.endswith(".py"):
            ast.parse(text, path)
    assert manifest_of(texts).name == name


@given(text=st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1))
def test_free_text_arrives_as_it_is_or_is_refused(text):
    try:
        texts = render(Plan("mine", "command", text, text))
    except UsageError:
        assert not text.strip() or len(text) > 100
        return
    manifest = manifest_of(texts)
    assert (manifest.description, manifest.author) == (text.strip(), text.strip())
    assert (
        text not in texts["src/main.py"] or text in render(Plan("mine", "command", "d", "a"))["src/main.py"]
    )


@pytest.mark.parametrize("text", ['a"\n  - permissions: [x]', "a\x1b[2J", "a\u202eb", "x" * 5000, "\ud800"])
def test_text_that_no_manifest_may_hold_is_refused(text):
    with pytest.raises(UsageError):
        render(Plan("mine", "command", text, "a"))


@pytest.mark.parametrize("name", ["", "Über", "a/b", "../a", "-a", "a b", "${name}", "session", "x" * 65])
def test_names_that_no_plugin_may_have_are_refused(name):
    with pytest.raises(UsageError):
        render(Plan(name, "command", "d", "a"))


def test_what_looks_like_a_placeholder_in_a_text_is_none():
    assert manifest_of(render(Plan("mine", "hook", "${name} $x $$", "a"))).description == "${name} $x $$"
