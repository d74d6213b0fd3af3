"""Permissions: one spelling, one risk, one sentence each; and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError
from yesman.model.permissions import NAMES, Permission, Risk, covers_session, parse_permission


def test_the_plans_names_and_risks_are_ours_and_two_are_added(plan_text: str) -> None:
    levels = {"1": Risk.LOW, "2": Risk.MEDIUM, "3": Risk.HIGH}
    planned = {name: levels[level] for name, level in re.findall(r"'(\w+\.\w+)': ([123]),", plan_text)}
    assert len(planned) == 8
    ours = dict.fromkeys(("session.type", "provider.use"), Risk.HIGH)
    assert {name: Permission(name).risk for name in NAMES} == planned | ours


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("session.read", "session.read"),
        ("session.modify:work-*", "session.modify:work-*"),
        ("filesystem.read:~/projects/", "filesystem.read:~/projects"),
        ("filesystem.write:/srv/a:b", "filesystem.write:/srv/a:b"),
        ("filesystem.read:~/My Documents", "filesystem.read:~/My Documents"),
        ("filesystem.read:~", "filesystem.read:~"),
        ("network.external:API.example.org:443", "network.external:api.example.org:443"),
        ("network.internal:127.0.0.1:80", "network.internal:127.0.0.1:80"),
        ("network.internal:[0:0::1]:8080", "network.internal:[::1]:8080"),
        ("system.execute:/usr/bin/git", "system.execute:/usr/bin/git"),
        ("provider.use:git", "provider.use:git"),
    ],
)
def test_a_scope_has_one_spelling(written: str, canonical: str) -> None:
    parsed = parse_permission(written)
    assert str(parsed) == canonical
    assert parse_permission(canonical) == parsed


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("filesystem.raed", "did you mean 'filesystem.read'?"),
        ("Session.Type", "did you mean 'session.type'?"),
        ("everything", "What there is: filesystem.read, "),
        ("filesystem.read:", "empty scope"),
        ("filesystem.read:projects", "not absolute"),
        ("filesystem.read:~root/x", "not absolute"),
        ("filesystem.read:/", "never granted"),
        ("filesystem.read:/srv/../etc", "'..'"),
        ("filesystem.read:/srv//x", "'//'"),
        ("filesystem.read:/srv/*", "wildcard"),
        ("filesystem.read:/a\0b", "control characters"),
        ("filesystem.read:/srv/a  b", "spaces"),
        ("filesystem.read:/srv/a ", "spaces"),
        ("filesystem.read:/srv/ a/b", "spaces"),
        ("filesystem.read:/srv/a\u2003b", "spaces"),
        ("system.execute:/usr/bin/a /b", "spaces"),
        ("filesystem.read:/" + "a" * 1024, "too long"),
        ("network.external:-x.org", "not a host name"),
        ("network.external:0x7f.1", "not a host name"),
        ("network.external:2130706433", "not a host name"),
        ("network.external:::1", "not a port number"),
        ("network.external:[fe80::1%eth0]", "not a host name"),
        ("network.external:example.org:0", "not a port number"),
        ("network.external:example.org:65536", "not a port number"),
        ("session.read:a b", "cannot match a session name"),
        ("system.execute:git", "not absolute"),
        ("system.execute:~/bin/git", "not absolute"),
        ("plugin.manage:all", "takes no scope"),
    ],
)
def test_a_bad_permission_is_one_sentence_of_the_author(written: str, part: str) -> None:
    with pytest.raises(AuthorError) as caught:
        parse_permission(written)
    assert part in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_permission_cannot_be_built_with_a_scope_that_parsing_would_change() -> None:
    with pytest.raises(AuthorError, match="not canonical"):
        Permission("filesystem.read", "/srv/")


def test_what_equals_execution_is_said_so() -> None:
    assert "can run code as you" in Permission("filesystem.write").reaches
    assert "executing anything outside the sandbox" in parse_permission("session.type:w-*").reaches
    assert "sessions named w-*" in parse_permission("session.type:w-*").reaches
    assert all("{" not in Permission(name).reaches for name in NAMES)


def test_a_glob_covers_matching_sessions_of_its_own_permission_only() -> None:
    granted = [parse_permission("session.read"), parse_permission("session.modify:work-*")]
    assert covers_session(granted, "session.read", "home")
    assert covers_session(granted, "session.modify", "work-1")
    assert not covers_session(granted, "session.modify", "home")
    assert not covers_session(granted, "session.modify", "Work-1")
    assert not covers_session(granted, "session.type", "work-1")


@given(name=st.sampled_from(sorted(NAMES)), scope=st.text(max_size=30))
def test_any_scope_is_refused_or_parses_back_to_itself(name: str, scope: str) -> None:
    try:
        parsed = parse_permission(f"{name}:{scope}")
    except AuthorError:
        return
    assert parse_permission(str(parsed)) == parsed
    assert parsed.name == name
