"""Grants for machines where nobody can be asked."""

from __future__ import annotations

import pytest

from yesman.cli.grants_file import GrantsFile, parse
from yesman.model.errors import PermissionDeniedError, UsageError

TEXT = b"""
demo:
  "sha256:aa": [session.read, "filesystem.read:~/projects/"]
  "*": []
other: {"sha256:bb": [session.type]}
"""


def test_a_content_is_granted_what_its_own_line_says():
    grants = parse(TEXT, "g.yaml")
    assert grants.of("demo", "sha256:aa") == ("session.read", "filesystem.read:~/projects")
    assert grants.of("demo", "sha256:ff") == ()


@pytest.mark.parametrize(("plugin", "digest"), [("absent", "sha256:aa"), ("other", "sha256:aa")])
def test_what_is_not_named_is_granted_nothing(plugin, digest):
    with pytest.raises(PermissionDeniedError, match="grants nothing") as caught:
        parse(TEXT, "g.yaml").of(plugin, digest)
    assert digest in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"- demo", "g.yaml:1: a map with plugin names"),
        (b"demo: [session.read]", "a map with contents"),
        (b'demo: {"*": session.read}', "must be a list"),
        (b'demo:\n  "*": [session.raed]', "g.yaml:2: unknown permission"),
        (b'demo:\n  "*": [[session.read]]', "must be text"),
        (b"demo: {latest: [session.read]}", "neither a digest nor"),
        (b'demo: {"*": &a [session.read], "sha256:aa": *a}', "anchors"),
        (b"", "empty"),
        (b"a: " + b"x" * 70_000, "bytes, more than"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, said):
    with pytest.raises(UsageError, match=said):
        parse(text, "g.yaml")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            GrantsFile.read(path)
