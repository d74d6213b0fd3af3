"""Answers that were given stay given; what is new is asked about; what was not asked for is not granted."""

from __future__ import annotations

import msgspec
import pytest

from yesman.host.consent import Asked, agreed, lost, narrowed, rows, selected, unasked, widened
from yesman.host.origin import Origin
from yesman.model.errors import AuthorError, PermissionDeniedError, UsageError
from yesman.model.manifest import as_data
from yesman.model.permissions import parse_permission

HOME = "/home/me"


def texts(permissions):
    return list(map(str, permissions))


@pytest.fixture
def installed(record, manifest):
    """A record of a plugin that asks for ``asked`` and was granted ``grants``."""

    def make(asked, grants, **more):
        made = record(manifest=as_data(manifest(permissions=asked)), grants=tuple(grants), **more)
        return msgspec.structs.replace(made, consent=made.shown_now())

    return make


def asked_of(manifest, record, source="/src"):
    return Asked.of(manifest, record, Origin(source=source), HOME)


def test_a_new_plugin_is_asked_about_as_a_whole(manifest):
    new = manifest(permissions=["session.read", "session.type"])
    asked = asked_of(new, None)
    assert texts(asked.added) == ["session.read", "session.type"]
    with pytest.raises(PermissionDeniedError, match=r"session\.type"):
        agreed(new, asked, ["session.read"], HOME)
    assert texts(agreed(new, asked, ["session.read", "session.type"], HOME)) == [
        "session.read",
        "session.type",
    ]


def test_an_update_keeps_answers_refusals_too(manifest, installed):
    old = installed(["session.read", "session.type"], ["session.read:work-*"])
    new = manifest(permissions=["session.read", "session.type"])
    asked = asked_of(new, old)
    assert asked.added == ()
    assert texts(agreed(new, asked, [], HOME)) == ["session.read:work-*"]


def test_a_widened_update_asks_for_what_is_new_alone(manifest, installed):
    old = installed(["filesystem.read:~/a"], ["filesystem.read:~/a"])
    new = manifest(permissions=["filesystem.read", "session.read"])
    asked = asked_of(new, old)
    assert texts(asked.added) == ["filesystem.read", "session.read"]
    assert texts(asked.kept) == ["filesystem.read:~/a"]


def test_a_narrowed_update_asks_for_nothing_and_keeps_no_more(manifest, installed):
    old = installed(["session.read", "session.modify"], ["session.read", "session.modify"])
    new = manifest(permissions=["session.read:work-*"])
    asked = asked_of(new, old)
    assert asked.added == ()
    assert texts(agreed(new, asked, [], HOME)) == ["session.read:work-*"]


@pytest.mark.parametrize("change", [{"key": "somebody"}, {"source": "/elsewhere"}])
def test_answers_given_to_another_publisher_do_not_count(manifest, installed, change):
    old = installed(["session.read"], ["session.read"], **change)
    asked = asked_of(manifest(permissions=["session.read"]), old)
    assert (asked.kept, texts(asked.added)) == ((), ["session.read"])


def test_a_grants_file_gives_what_is_asked_for_and_no_more(manifest):
    new = manifest(permissions=["session.read", "filesystem.read"])
    wanted = ["session.read:work-*", "filesystem.read:~/a", "session.type"]
    assert texts(selected(new, wanted, HOME)) == ["filesystem.read:~/a", "session.read:work-*"]
    assert unasked(new, wanted, HOME) == ("session.type",)


def test_granting_ends_at_what_is_asked_for(installed):
    held = installed(["session.read", "filesystem.read:~/a"], ["session.read"])
    granted = widened(held, ["filesystem.read:~/a/b"], HOME)
    assert texts(granted) == ["filesystem.read:~/a/b", "session.read"]
    for text in ("session.type", "filesystem.read", "filesystem.read:~/b", "filesystem.write:~/a"):
        with pytest.raises(UsageError, match="does not ask for"):
            widened(held, [text], HOME)
    with pytest.raises(AuthorError, match="did you mean"):
        widened(held, ["session.raed"], HOME)


def test_revoking_takes_all_that_is_within(installed):
    held = installed(["session.read", "filesystem.read"], ["session.read", "filesystem.read:~/a"])
    assert texts(narrowed(held, ["filesystem.read"], HOME)) == ["session.read"]
    assert texts(narrowed(held, ["session.type"], HOME)) == ["session.read", "filesystem.read:~/a"]
    assert narrowed(held, None, HOME) == ()


def test_a_hole_cannot_be_revoked(installed):
    held = installed(["session.read"], ["session.read"])
    with pytest.raises(UsageError, match=r"only a part of the grant 'session\.read'"):
        narrowed(held, ["session.read:work-1"], HOME)


def test_what_is_lost():
    before = [parse_permission(text) for text in ("session.read", "filesystem.read:~/a")]
    after = [parse_permission(text) for text in ("session.read:work-*", "filesystem.read:~/a")]
    assert texts(lost(before, after, HOME)) == ["session.read"]


def test_rows_tell_whole_grants_from_parts():
    declared = [parse_permission(text) for text in ("session.read", "session.type", "session.modify")]
    granted = [parse_permission(text) for text in ("session.read", "session.type:work-*")]
    found = [(row["granted"], row["grants"]) for row in rows(declared, granted, HOME)]
    assert found == [(True, ["session.read"]), (False, ["session.type:work-*"]), (False, [])]
