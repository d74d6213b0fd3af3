"""Every attempt of the table gets its answer, and a different one where there is no sandbox."""

from __future__ import annotations


def test_the_attempt_is_answered_as_it_must_be(attempt, confined):
    assert confined[attempt.name] == attempt.confined


def test_without_the_sandbox_the_answer_is_another(compared, unconfined):
    answer = unconfined[compared.name]
    assert answer == "done" if compared.control.value == "works" else answer != compared.confined
