"""What ``docs/security/escapes.md`` says is what the corpus holds, and its list of residues is closed."""

from __future__ import annotations

import re
from collections import Counter

from corpus.attempt import DONE, NOT_RUN
from corpus.document import PLACE, lasting, residues, written
from corpus.results import Verdict, judge
from corpus.table import TABLE, attempts
from yesman.sandbox import seccomp
from yesman.sandbox.syscalls import this_machine


def test_the_document_is_what_make_escapes_would_write():
    stale = lasting(PLACE.read_text("utf-8")) != lasting(written([]))
    assert not stale, "docs/security/escapes.md is not what the corpus holds now: run 'make escapes'"


def test_whatever_may_work_is_a_residue_that_is_listed():
    titles = {title for title, _ in residues()}
    assert len(titles) == len(residues())
    for attempt in attempts():
        assert (attempt.confined == DONE) == bool(attempt.residue), attempt.name
        assert not attempt.residue or attempt.residue in titles, attempt.name


def test_every_attempt_has_a_name_of_its_own_and_an_excuse_where_it_needs_one():
    rows = [row for rows in TABLE.values() for row in rows]
    assert max(Counter(row.name for row in rows).values()) == 1
    assert [row.name for row in rows if (row.control is NOT_RUN) != bool(row.note)] == []


def test_an_answer_that_is_not_the_expected_one_is_never_called_held():
    attempt = next(row for row in attempts() if row.confined == "EACCES")
    answers = {answer: judge(attempt, answer) for answer in ("EACCES", "done", "ENOENT")}
    assert list(answers.values()) == [Verdict.HELD, Verdict.ESCAPED, Verdict.CHANGED]


def test_every_call_that_the_filter_refuses_is_tried():
    tried = set(re.findall(r"\w+", " ".join(row.code for row in attempts())))
    refused = {*seccomp.REPORTED, *(name for names in seccomp.REFUSED.values() for name in names)}
    assert (refused & set(this_machine().numbers)) - tried == set()
