"""DNS messages of plugins: any bytes are read, and what is answered is what was asked."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yesman.runtime.dns import MAX_QUERY
from yesman.runtime.dns_messages import MAX_ANSWERS, Outcome, parse, reply

PUBLIC = "93.184.216.34"


def query(host: str, kind: str = "A") -> bytes:
    return dns.message.make_query(host, kind).to_wire()


@pytest.mark.parametrize(("kind", "family"), [("A", 2), ("AAAA", 10), ("MX", 0), ("ANY", 0), ("PTR", 0)])
def test_a_question_is_a_name_and_a_family(kind, family):
    question = parse(query("API.example.test", kind))
    assert (question.host, question.family, question.reverse) == ("API.example.test", family, False)


def test_a_reverse_question_is_known_as_one():
    assert parse(query("34.216.184.93.in-addr.arpa", "PTR")).reverse


def test_the_answer_has_the_addresses_of_the_family_asked_for():
    for kind, expected in (("A", [PUBLIC]), ("AAAA", ["2606:4700::1111"]), ("MX", [])):
        data = query("api.test", kind)
        answer = dns.message.from_wire(
            reply(parse(data), Outcome.FOUND, [PUBLIC, "2606:4700::1111", "fe80::1%3"])
        )
        assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == expected
        assert answer.id == dns.message.from_wire(data).id
        assert answer.flags & dns.flags.QR


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_told_by_its_code(outcome):
    assert dns.message.from_wire(reply(parse(query("a.test")), outcome)).rcode() == outcome.value


def test_an_answer_is_bounded():
    many = [f"10.0.{n // 250}.{n % 250}" for n in range(2000)]
    answer = dns.message.from_wire(reply(parse(query("a.test")), Outcome.FOUND, many))
    assert sum(len(rrset) for rrset in answer.answer) == MAX_ANSWERS


HEADED = st.builds(
    lambda count, rest: b"\0\7\1\0" + bytes([0, count]) + bytes(6) + rest,
    st.integers(0, 3),
    st.binary(max_size=MAX_QUERY - 12),
)
BENT = st.builds(
    lambda data, at, byte: data[: at % len(data)] + bytes([byte]) + data[at % len(data) + 1 :],
    st.just(query("api.example.test")),
    st.integers(0, 100),
    st.integers(0, 255),
)


@given(st.binary(max_size=MAX_QUERY) | HEADED | BENT)
@example(b"")
@example(b"\0\7\1\0\0\1" + bytes(6) + b"\xc0\x0c\0\1\0\1")
def test_any_bytes_are_a_question_or_nothing_and_every_question_has_an_answer(data):
    question = parse(data)
    if question is None:
        return
    assert len(question.host) <= 1024
    for outcome in Outcome:
        assert len(reply(question, outcome, [PUBLIC, "::1"])) < 65536
