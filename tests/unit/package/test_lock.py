"""A lock that is read back can carry nothing but exact versions with hashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import VerificationError
from yesman.model.plain_text import unsafe_character
from yesman.package.lock import check_covers, environment_digest, packages_of

HASH = "--hash=sha256:" + "0" * 64
LOCK = f"Foo_Bar==1.0 \\\n    {HASH} \\\n    {HASH}\nbaz==2!1.0+cpu ; python_version < '4' \\\n    {HASH}\n"


def test_packages_are_named_in_order():
    assert packages_of(LOCK) == ("foo-bar==1.0", "baz==2!1.0+cpu")


@pytest.mark.parametrize(
    "line",
    [
        "foo==1.0",
        f"foo>=1.0 {HASH}",
        f"foo @ file:///x.whl {HASH}",
        "-r other.txt",
        "--index-url https://example.org",
        f"foo==1.0 --index-url=x {HASH}",
        f"foo==1.0 {HASH} -e .",
        "# comment",
        f"foo==1.0 {HASH[:-1]}",
    ],
)
def test_any_other_line_is_refused(line):
    with pytest.raises(VerificationError, match="lock of the dependencies holds"):
        packages_of(LOCK + line + "\n")


def test_a_lock_that_does_not_belong_to_the_requirements_is_refused():
    check_covers(LOCK, ["foo.bar>=1", "baz", "absent; python_version < '3'"])
    for requirement in ("absent", "foo-bar>=2"):
        with pytest.raises(VerificationError, match="does not cover"):
            check_covers(LOCK, [requirement])


def test_the_digest_depends_on_lock_and_platform():
    names = {environment_digest(lock, tag) for lock in ("a", "b") for tag in ("cp311", "cp312")}
    assert len(names) == 4
    assert all(len(name) == 64 for name in names)


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text):
    try:
        assert all("==" in package for package in packages_of(text))
    except VerificationError as error:
        assert unsafe_character(error.message) is None  # noqa: PT017 - either outcome is right
