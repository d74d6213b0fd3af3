"""What a manifest may say of a panel."""

from __future__ import annotations

import pytest

from yesman.host.contributions import compare
from yesman.model.errors import AuthorError
from yesman.model.manifest import as_data, from_data, parse_manifest
from yesman.model.manifest_provides import DeclaredPanel
from yesman.model.manifest_schema import MAX_TITLE
from yesman.runtime.contributed import Contributed

MANIFEST = """\
name: usage
version: "1.0"
type: ui
provides:
  - panels:
      - name: costs
        title: What it costs
      - name: of-session
        title: "日本: this session"
        slot: session
"""


def test_all_of_it_is_read_and_survives_the_registry():
    manifest = parse_manifest(MANIFEST.encode())
    costs = DeclaredPanel("costs", "What it costs", "tab")
    assert manifest.panels == (costs, DeclaredPanel("of-session", "日本: this session", "session"))
    assert from_data(as_data(manifest)) == manifest


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("- panels:", "- panel:", "plugin.yaml:5: unknown key 'panel'"),
        ("- name: costs", "- nme: costs", "in 'provides[0].panels[0]'; did you mean 'name'"),
        ("        title: What it costs\n", "", "missing key 'title' in 'provides[0].panels[0]'"),
        ("- name: costs\n        title", "- title", "missing key 'name' in 'provides[0].panels[0]'"),
        ("name: of-session", "name: costs", "plugin.yaml:8: the panel 'costs' is declared twice"),
        ("name: costs", "name: Costs", "is not a valid panel name; did you mean 'costs'?"),
        ("name: costs", "name: ../costs", "is not a valid panel name"),
        ("slot: session", "slot: sesion", "yaml:10: unknown slot 'sesion' in 'provides[0].panels[1].slot'"),
        ("slot: session", "slot: [session]", "must be text"),
        ("title: What it costs", "title: ''", "'provides[0].panels[0].title' is empty"),
        ("title: What it costs", f"title: {'x' * (MAX_TITLE + 1)}", "more than the 60 allowed"),
        ("title: What it costs", 'title: "a\\nb"', "must be one line"),
        ("title: What it costs", 'title: "a\\u202eb"', "U+202E is refused"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_line(written, instead, told):
    assert MANIFEST.count(written) == 1
    with pytest.raises(AuthorError) as refused:
        parse_manifest(MANIFEST.replace(written, instead).encode())
    assert told in refused.value.message


def test_the_longest_title_is_read():
    (panel, _) = parse_manifest(MANIFEST.replace("What it costs", "x" * MAX_TITLE).encode()).panels
    assert len(panel.title) == MAX_TITLE


def test_what_is_delivered_is_compared_with_what_is_declared():
    manifest = parse_manifest(MANIFEST.encode())
    warnings = compare(manifest, Contributed((), (), (), panels=("costs", "more"))).warnings
    assert any("'of-session'" in warning for warning in warnings)
    assert any("'more'" in warning for warning in warnings)
    assert not compare(manifest, Contributed((), (), (), panels=("costs", "of-session"))).warnings
