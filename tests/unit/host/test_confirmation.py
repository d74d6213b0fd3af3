"""Whether and when the user is asked; the caller is one of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from yesman.host.confirmation import MAX_REFUSALS, Confirmations, Question, Verdict


class Caller:
    """A command line that answers what it is told to, or not at all."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    async def confirm(self, question):
        self.asked.append(question)
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def about(target="notes", operation="remove"):
    return Question("boss", operation, target, "1.0", "", "It goes")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("yes", Verdict.YES),
        ("no", Verdict.NO),
        ("nobody", Verdict.NOBODY),
        ("interrupted", Verdict.INTERRUPTED),
        ("Yes", Verdict.NO),
        ("", Verdict.NO),
        (ConnectionResetError(), Verdict.GONE),
    ],
)
async def test_only_yes_is_yes(said, verdict):
    assert await Confirmations().ask(about(), Caller(said)) is verdict


async def test_without_a_command_nobody_is_asked():
    assert await Confirmations().ask(about(), None) is Verdict.OUTSIDE


async def test_who_does_not_answer_has_refused():
    assert await Confirmations(seconds=0.01).ask(about(), Caller()) is Verdict.LATE


async def test_a_refused_operation_is_asked_once_in_a_command_and_anew_in_the_next():
    confirmations, first, second = Confirmations(), Caller("no", "yes"), Caller("yes")
    await confirmations.ask(about(), first)
    assert await confirmations.ask(about(), first) is Verdict.REPEATED
    assert await confirmations.ask(about("other"), first) is Verdict.YES
    assert await confirmations.ask(about(), second) is Verdict.YES


async def test_an_agreed_operation_may_be_asked_again():
    confirmations, caller = Confirmations(), Caller("yes", "yes")
    assert [await confirmations.ask(about(), caller) for _ in "12"] == [Verdict.YES] * 2


async def test_many_refusals_end_all_questions():
    confirmations, caller = Confirmations(), Caller(*["no"] * MAX_REFUSALS, "yes")
    for number in range(MAX_REFUSALS):
        await confirmations.ask(about(f"p{number}"), caller)
    assert await confirmations.ask(about("another"), caller) is Verdict.TIRED
    assert len(caller.asked) == MAX_REFUSALS


async def test_one_question_of_a_command_at_a_time():
    confirmations, caller = Confirmations(), Caller()
    first = asyncio.ensure_future(confirmations.ask(about(), caller))
    await asyncio.sleep(0)
    assert await confirmations.ask(about("other"), caller) is Verdict.BUSY
    first.cancel()
    await asyncio.wait({first})
    caller.answers = ["yes"]
    assert await confirmations.ask(about(), caller) is Verdict.YES
