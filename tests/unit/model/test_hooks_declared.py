"""What a manifest's hook may say of itself."""

from __future__ import annotations

import pytest

from yesman.model.errors import AuthorError
from yesman.model.manifest import as_data, from_data, parse_manifest
from yesman.model.manifest_provides import DeclaredHook

MANIFEST = """\
name: guard
version: "1.0"
provides:
  - hooks:
      - name: prompt.answering
        priority: 50
        before: [auto-answer]
        after: [audit-log, policy]
        on_error: closed
        session: work-*
        where: {kind: permission, tool: Bash}
        durable: true
        concurrency: 4
"""


def hook(text=MANIFEST):
    return parse_manifest(text.encode()).hooks[0]


def test_all_of_it_is_read_and_survives_the_registry():
    wanted = DeclaredHook(
        "prompt.answering", None, 50, ("auto-answer",), ("audit-log", "policy"), "closed", "work-*",
        {"kind": "permission", "tool": "Bash"}, durable=True, concurrency=4,
    )  # fmt: skip
    assert hook() == wanted
    manifest = parse_manifest(MANIFEST.encode())
    assert from_data(as_data(manifest)) == manifest


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        (
            "priority: 50",
            "priority: 101",
            "plugin.yaml:6: 'provides[0].hooks[0].priority' must be a whole number",
        ),
        ("priority: 50", "priority: high", "must be a number"),
        ("priority: 50", "priority: true", "must be a number"),
        ("before: [auto-answer]", "before: auto-answer", "must be a list"),
        ("before: [auto-answer]", "before: ['../x']", "not a valid plugin name"),
        ("on_error: closed", "on_error: open", "unknown word for 'on_error' 'open'"),
        ("session: work-*", "session: 'a b'", "not a valid pattern of session names"),
        ("tool: Bash", "tool: [Bash]", "must be one value"),
        ("durable: true", "durable: maybe", "must be true or false"),
        ("concurrency: 4", "concurrency: 0", "from 1 to 16"),
        ("concurrency: 4", "concurency: 4", "did you mean 'concurrency'?"),
    ],
)
def test_what_makes_no_sense_is_refused_by_line(written, instead, told):
    with pytest.raises(AuthorError) as refused:
        hook(MANIFEST.replace(written, instead))
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("event", "session", "payload", "wanted"),
    [
        ("prompt.answering", "work-1", {"kind": "permission", "tool": "Bash", "more": 1}, True),
        ("prompt.answered", "work-1", {"kind": "permission", "tool": "Bash"}, False),
        ("prompt.answering", "home", {"kind": "permission", "tool": "Bash"}, False),
        ("prompt.answering", None, {"kind": "permission", "tool": "Bash"}, False),
        ("prompt.answering", "work-1", {"kind": "permission"}, False),
        ("prompt.answering", "work-1", {"kind": "permission", "tool": "Read"}, False),
    ],
)
def test_filters_choose_the_events(event, session, payload, wanted):
    assert hook().wants(event, session, payload) is wanted


def test_one_is_not_true():
    assert not DeclaredHook("*", where={"code": 1}).wants("x", None, {"code": True})
