"""Every attempt of the corpus gets its answer, and a different one where there is no sandbox."""

from __future__ import annotations

from collections import Counter

from corpus import confined
from corpus.attempt import DONE, WORKS, Attempt


def test_the_attempt_is_answered_as_it_must_be(attempt, ungranted):
    assert ungranted[attempt.name] == attempt.confined


def test_unrelated_grants_change_no_answer(attempt, granted):
    assert granted[attempt.name] == attempt.confined


def test_a_process_forked_from_a_template_gets_the_same_answer(attempt, forked):
    assert forked[attempt.name] == attempt.confined


def test_without_the_sandbox_the_answer_is_another(compared, controlled):
    answer = controlled[compared.name]
    if compared.control is WORKS:
        assert answer == DONE
    else:
        assert answer != compared.confined


def test_where_there_are_only_resource_limits_many_attempts_work(controlled):
    assert Counter(controlled.values())["done"] >= 40


def test_the_search_finds_what_is_there(tmp_path):
    own = Attempt("own words", "found_in_memory('found_in_memor[y]')", "done")
    assert confined.run([own], tmp_path.resolve(), unrelated=False) == {"own words": "done"}
