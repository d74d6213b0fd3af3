"""Whatever uv says becomes one printable sentence with the right party at fault."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import PlatformError, RemoteError
from yesman.package.uv_errors import explain


def test_a_full_disk_is_this_machines_fault_wherever_uv_met_it():
    error = explain(
        b"error: Failed to install: x-1.0-py3-none-any.whl (x==1.0)\n"
        b"  cause: failed to copy file: No space left on device (os error 28)\n"
    )
    assert isinstance(error, PlatformError)
    assert "disk is full" in error.message


@pytest.mark.parametrize(
    "reason", ["dns error", "error sending request for url (https://x/simple/)", "operation timed out"]
)
def test_an_index_that_does_not_answer_is_named_so(reason):
    error = explain(f"error: Request failed after 3 retries\n  cause: {reason}\n".encode())
    assert isinstance(error, RemoteError)
    assert reason in error.message


def test_an_untrusted_certificate_says_where_to_name_the_right_one():
    error = explain(b"error: Failed to fetch\n  cause: invalid peer certificate: UnknownIssuer\n")
    assert isinstance(error, RemoteError)
    assert "PIP_CERT" in error.next_step


def test_a_first_index_without_the_version_names_the_way_out():
    error = explain(
        b"error: No solution found when resolving dependencies\n  cause: Because only foo<=1 is available"
        b" and you require foo>1, we can conclude that your requirements are unsatisfiable.\n"
        b"hint: `foo` was found on https://a, but not at the requested version (foo>1)."
    )
    assert "UV_INDEX_STRATEGY=unsafe-best-match" in error.next_step


def test_credentials_and_escapes_are_not_repeated():
    error = explain(b"error: \x1b[31mstrange\x1b[0m https://me:secret@host/simple \xe2\x80\xae\x07 end")
    assert "secret" not in error.sentence
    assert error.sentence.isprintable()
    assert "strange" in error.message


@given(st.binary(max_size=300))
def test_any_output_gives_a_bounded_printable_sentence(stderr):
    sentence = explain(stderr).sentence
    assert len(sentence) < 3000
    assert "\n" not in sentence
    assert "\x1b" not in sentence
