"""Which permission is a part of which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.narrowing import common, covered, enforced_by_kernel, grantable, normal, within
from yesman.model.permissions import covers_session, parse_permission

HOME = "/home/me"


def p(text):
    return parse_permission(text)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("session.read", "session.read"),
        ("session.read:work-*", "session.read"),
        ("session.read:work-1", "session.read:work-*"),
        ("session.read:work-a-*", "session.read:work-*"),
        ("filesystem.read:~/projects", "filesystem.read"),
        ("filesystem.read:~/projects/a", "filesystem.read:~/projects"),
        ("filesystem.read:/home/me/projects/a", "filesystem.read:~/projects"),
        ("filesystem.write:~/a", "filesystem.write:/home/me"),
        ("network.external:example.org:443", "network.external:example.org"),
        ("network.internal:[::1]:80", "network.internal:[::1]"),
        ("network.external:example.org", "network.external"),
        ("system.execute:/usr/bin/git", "system.execute"),
        ("plugin.manage", "plugin.manage"),
    ],
)
def test_what_may_be_granted_to_whoever_asks_for_more(narrow, wide):
    assert within(p(narrow), p(wide), HOME)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("session.read", "session.modify"),
        ("session.read", "session.read:work-*"),
        ("session.read:work-*", "session.read:work-1"),
        ("session.read:*-1", "session.read:work-*"),
        ("session.read:w[ao]rk", "session.read:w[a-z]rk"),
        ("filesystem.read", "filesystem.read:~/projects"),
        ("filesystem.read:~/projects2", "filesystem.read:~/projects"),
        ("filesystem.read:/home/you/projects", "filesystem.read:~/projects"),
        ("filesystem.write:~/projects", "filesystem.read:~/projects"),
        ("network.external:example.org", "network.external:example.org:443"),
        ("network.external:a.example.org", "network.external:example.org"),
        ("network.external:example.org:80", "network.external:example.org:443"),
        ("network.internal:[::1]:80", "network.internal:[::2]"),
        ("system.execute:/usr/bin/git", "system.execute:/usr/bin"),
    ],
)
def test_what_may_not(narrow, wide):
    assert not within(p(narrow), p(wide), HOME)


def test_the_roots_may_not_hold_a_folder_that_may_be_granted():
    folder, roots = p("filesystem.read:/srv/x"), p("filesystem.read")
    assert grantable(folder, [roots], HOME)
    assert not covered(folder, [roots], HOME)
    assert normal([folder, roots], HOME) == (roots, folder)


def test_the_same_is_said_once():
    texts = ["session.read:work-*", "session.read:work-1", "filesystem.read:~/a/b", "filesystem.read:~/a"]
    kept = normal(map(p, texts), HOME)
    assert list(map(str, kept)) == ["filesystem.read:~/a", "session.read:work-*"]


def test_what_was_granted_and_is_asked_for_now():
    held = [p("session.read:work-1"), p("filesystem.read"), p("session.type")]
    asked = [p("session.read:work-*"), p("filesystem.read:~/a"), p("session.modify")]
    assert list(map(str, common(held, asked, HOME))) == ["session.read:work-1"]
    assert list(map(str, common(asked, held, HOME))) == ["filesystem.read:~/a", "session.read:work-1"]


def test_what_the_kernel_enforces():
    names = ("filesystem.read", "filesystem.write", "network.internal", "network.external", "system.execute")
    assert all(enforced_by_kernel(p(name)) for name in names)
    assert not any(enforced_by_kernel(p(name)) for name in ("session.read", "session.type", "plugin.manage"))


GLOBS = st.text("ab*?-", min_size=1, max_size=5)


@given(GLOBS, GLOBS, st.text("ab-", min_size=1, max_size=5))
def test_a_narrower_glob_never_matches_more(narrow, wide, name):
    inner, outer = p(f"session.read:{narrow}"), p(f"session.read:{wide}")
    if within(inner, outer, HOME) and covers_session([inner], "session.read", name):
        assert covers_session([outer], "session.read", name)
