"""The page about signatures lists every refusal there is, and none that there is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from yesman.model.errors import VerificationError
from yesman.trust import dsse, statement
from yesman.trust.author_keys import MOST_KEYS, first, successor
from yesman.trust.signed import sign, verified

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "signatures.md"
SINCE = "2026-11-23T12:00:00+00:00"
changed = msgspec.structs.replace


def rows():
    """The sentences of the page, as patterns."""
    table = PAGE.read_text("utf-8").partition("<!-- errors:")[2].partition("<!-- end of errors")[0]
    told = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)[1:]
    return [".+".join(map(re.escape, text.split("…"))) for text in told if set(text) != {"-"}]


def wrong_envelopes(facts, keys):
    right = sign(facts, keys[0])
    one, other = json.loads(dsse.sealed(statement.written(facts), keys[0], keys[1]))["signatures"]
    yield from (None, b"{}", right + b"\n", b" " * (dsse.MOST_BYTES + 1), sign(facts, keys[4]))
    yield right.replace(b'"payload":"', b'"payload":"AA==', 1)
    for signatures in ([one, one], [one | {"sig": other["sig"]}]):
        yield json.dumps(json.loads(right) | {"signatures": signatures}, separators=(",", ":")).encode()
    for fields in ({"name": "x"}, {"version": "2"}, {"permissions": ()}):
        yield sign(changed(facts, **fields), keys[0])
    yield sign(changed(facts, content=f"sha256:{'d' * 64}"), keys[0])
    for field in ("sha256", "manifest"):
        yield sign(changed(facts, **{field: "d" * 64}), keys[0])
    for payload in (b"{}", statement.written(facts) + b"\n"):
        yield dsse.sealed(payload, keys[0])
    yield dsse.sealed(statement.written(facts).replace(b"demo-1.0.0", b"demo-2.0.0"), keys[0])


def wrong_chains(keys, chain):
    yield from ([], [chain[0]] * (MOST_KEYS + 1), [chain[0], chain[2]], chain[1:], [chain[0]] * 2)
    yield [*chain[:2], successor(keys[0], keys[4], SINCE)]
    yield [chain[0], changed(chain[1], signature=chain[2].signature)]
    yield [chain[0], first(keys[4], SINCE)]
    yield [changed(chain[0], signature=chain[1].signature)]
    yield [changed(chain[0], public=chain[1].public)]


@pytest.fixture
def messages(facts, keys, chain):
    """Everything that is said of what is wrong."""
    attempts = [(envelope, chain, pin) for envelope in wrong_envelopes(facts, keys) for pin in ("", "0" * 64)]
    attempts += [(sign(facts, keys[0]), line, "") for line in wrong_chains(keys, chain)]
    attempts += [(sign(facts, keys[0]), chain, pin) for pin in (keys[1].keyid, keys[4].keyid)]
    said = []
    for envelope, line, pin in attempts:
        with pytest.raises(VerificationError) as caught:
            verified(facts, envelope, line, pin)
        said.append(caught.value.message)
    return said


def test_every_refusal_stands_on_the_page(messages):
    assert not [message for message in messages if not any(re.fullmatch(row, message) for row in rows())]
    assert len(rows()) > 20


def test_every_row_of_the_page_is_a_refusal(messages):
    assert not [row for row in rows() if not any(re.fullmatch(row, message) for message in messages)]
