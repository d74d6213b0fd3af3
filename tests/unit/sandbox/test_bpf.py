"""The assembler's search finds every row and nothing else; checks mean what they say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yesman.sandbox import bpf
from yesman.sandbox.bpf import Check, high, low

SHARED_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBERS = st.integers(0, 500)
MISSING = bpf.fail_with(38)


@SHARED_FIXTURE
@given(table=st.dictionaries(NUMBERS, st.integers(1, 4000), max_size=60), asked=NUMBERS)
def test_a_search_answers_each_number_with_its_row(answer_of, table, asked):
    rows = [(number, [bpf.ret(answer)]) for number, answer in sorted(table.items())]
    program = bpf.serialise([bpf.load(bpf.NR_OFFSET), *bpf.search(rows, MISSING)])
    for number in {asked, *table}:
        assert answer_of(program, number, ()) == table.get(number, MISSING)


@SHARED_FIXTURE
@given(
    values=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    mask=st.sampled_from([0xFFFFFFFF, 0b0110]),
    expect=st.booleans(),
    argument=st.integers(0, 2**64 - 1) | st.integers(0, 9),
    upper=st.booleans(),
)
def test_a_check_passes_as_documented(answer_of, *, values, mask, expect, argument, upper):
    offset, word = (high(2), argument >> 32) if upper else (low(2), argument & 0xFFFFFFFF)
    check = Check(offset, mask, tuple(values), expect)
    program = bpf.serialise([*check.assemble(otherwise=1), bpf.ret(2)])
    passes = (word & mask in values) == expect
    assert answer_of(program, 0, (0, 0, argument)) == (2 if passes else 1)


def test_a_row_that_is_too_long_to_jump_over_is_not_made():
    long = [(1, [bpf.ret(0)] * 300)]
    with pytest.raises(Exception, match=r"ubyte|format"):
        bpf.serialise(bpf.search(long, MISSING))
