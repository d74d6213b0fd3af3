"""Requirements are plain names with versions; everything else is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError
from yesman.model.plain_text import unsafe_character
from yesman.package import requirements_of


def test_both_sources_are_merged_normalised_and_sorted():
    text = b"\xef\xbb\xbf# what we need\r\nPyYAML >= 6   # parser\r\n\r\nZope.Interface[Test]~=5.0\n"
    assert requirements_of(["pygithub>=1.55", "pyyaml>=6"], text) == (
        "pygithub>=1.55",
        "pyyaml>=6",
        "zope-interface[Test]~=5.0",
    )


def test_yesman_itself_is_dropped():
    assert requirements_of(["Yesman>=0.11", "rich"], b"yesman[dashboard]==9\n") == ("rich",)


def test_a_marker_survives():
    assert requirements_of(['tomli>=2; python_version < "3.11"'], None) == (
        'tomli>=2; python_version < "3.11"',
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-r other.txt", "option of pip"),
        ("--index-url https://example.org", "option of pip"),
        ("-e .", "option of pip"),
        ("rich==1.0 --hash=sha256:00", "option of pip"),
        ("rich \\", "one line"),
        ("./wheels/rich.whl", "is a path"),
        ("rich-1.0-py3-none-any.whl", "is a path"),
        ("vendor/rich", "is a path"),
        ("rich @ https://example.org/rich.whl", "names a URL"),
        ("git+https://example.org/rich", "bad dependency"),
        ("rich >> 3", "bad dependency"),
        ("rich\u202e>1", r"U\+202E"),
        ("rich\x0b-r x", r"U\+000B"),
    ],
)
def test_anything_else_is_refused_with_file_and_line(line, message):
    with pytest.raises(AuthorError, match=rf"requirements\.txt:2: .*{message}"):
        requirements_of([], f"rich\n{line}\n".encode())


def test_a_bad_manifest_dependency_names_the_manifest():
    with pytest.raises(AuthorError, match=r"plugin\.yaml: .*bad dependency"):
        requirements_of(["rich >> 3"], None)


def test_size_and_encoding_are_checked_before_reading():
    with pytest.raises(AuthorError, match="larger than 65536 bytes"):
        requirements_of([], b"#" * 65537)
    with pytest.raises(AuthorError, match="not UTF-8"):
        requirements_of([], b"rich\n\xff\n")


@example(b"A_")  # packaging reads it; its canonical form is no name any more
@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_give_plain_requirements_or_one_printable_sentence(data):
    try:
        found = requirements_of([], data)
    except AuthorError as error:
        assert unsafe_character(error.message) is None  # noqa: PT017 - either outcome is right
    else:
        assert requirements_of(found, None) == found
