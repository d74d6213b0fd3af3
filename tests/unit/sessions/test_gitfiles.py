"""Git's files are read as git reads them, and nothing in them can raise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.sessions import gitfiles


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/owner/name.git", "owner/name"),
        ("https://example.org/owner/name", "owner/name"),
        ("https://example.org/owner/name/", "owner/name"),
        ("https://example.org/owner/name.git/", "owner/name"),
        ("https://user:secret@example.org:8443/owner/name.git", "owner/name"),
        ("HTTPS://example.org/owner/name.git", "owner/name"),
        ("ssh://git@example.org:2222/owner/name.git", "owner/name"),
        ("git+ssh://git@example.org/owner/name", "owner/name"),
        ("git://example.org/owner/name.git", "owner/name"),
        ("git@example.org:owner/name.git", "owner/name"),
        ("example.org:owner/name", "owner/name"),
        ("git@example.org:/owner/name.git", "owner/name"),
        ("git@[2001:db8::1]:owner/name.git", "owner/name"),
        ("ssh://git@[2001:db8::1]:22/owner/name.git", "owner/name"),
        ("https://example.org/group/sub/name.git", "sub/name"),
        ("git@example.org:~owner/my.repo_1-x.git", "~owner/my.repo_1-x"),
    ],
)
def test_a_hosted_url_tells_owner_and_name(url: str, expected: str):
    assert gitfiles.owner_and_name(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/owner/name.git",
        "../owner/name",
        "file:///srv/owner/name.git",
        "https://example.org/name.git",
        "https://secret@owner/name",
        "https://example.org/owner/..",
        "https://example.org/../name",
        "https://example.org/owner/na me",
        "https://example.org/owner/na\x1b[31mme",
        "https://example.org/owner/name?x=1",
        "ext::sh -c touch% /tmp/x",
        "git@example.org:name",
        "https://example.org/owner/" + "n" * 2000,
    ],
)
def test_any_other_url_tells_nothing(url: str):
    assert gitfiles.owner_and_name(url) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("ref: refs/heads/main\n", {"branch": "main"}),
        ("ref: refs/heads/feature/größe\n", {"branch": "feature/größe"}),
        ("ref: refs/remotes/origin/main\n", {}),
        ("ref: refs/heads/.invalid\n", {}),
        ("ref: refs/heads/a..b\n", {}),
        ("ref: refs/heads/a\x1b[31mb\n", {}),
        ("ref: refs/heads/a\u202eb\n", {}),
        ("ref: refs/heads/" + "x" * 5000, {}),
        ("0" * 40 + "\n", {"commit": "0" * 40}),
        ("a" * 64 + "\n", {"commit": "a" * 64}),
        ("ref: ../../etc/passwd\n", None),
        ("root:x:0:0\n", None),
        ("", None),
    ],
)
def test_head_tells_the_branch_or_the_commit(head: str, expected: dict[str, str] | None):
    assert gitfiles.parse_head(head) == expected


def test_a_section_header_inside_a_continued_value_is_not_a_section():
    config = '[alias]\n x = a \\\n[remote "origin"]\\\n url = https://h/evil/one\n'
    assert gitfiles.origin(config) is None


def test_subsections_are_case_sensitive_and_keys_are_not():
    assert gitfiles.origin('[REMOTE "origin"]\nURL = x:a/b') == "x:a/b"
    assert gitfiles.origin('[remote "Origin"]\nurl = x:a/b') is None


def test_a_config_git_would_refuse_tells_nothing():
    assert gitfiles.origin('[remote "origin\nurl = x:a/b') is None
    assert gitfiles.origin('[remote "origin"]\nurl = "x:a/b') is None
    assert gitfiles.origin('[remote "origin"]\nurl = x:\\q') is None
    assert gitfiles.origin("= 3\n") is None


@given(st.text(alphabet=st.sampled_from('[]"\\\n\t =#;aur.loremtgin \r\0é'), max_size=200))
def test_no_text_makes_the_config_parser_raise(text: str):
    assert gitfiles.origin(text) is None or isinstance(gitfiles.origin(text), str)


@given(st.text(max_size=200))
def test_no_text_makes_the_other_parsers_raise(text: str):
    gitfiles.parse_head(text)
    gitfiles.parse_pointer(text)
    gitfiles.owner_and_name(text)


def test_a_config_full_of_quotes_is_read_in_one_pass():
    config = '[remote "origin"]\nx = ' + '"" ' * 60_000 + "\nurl = h:a/b\n"
    assert gitfiles.origin(config) == "h:a/b"
