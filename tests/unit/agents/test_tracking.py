"""Two witnesses, one story: what hooks and screens together make known."""

import msgspec
import pytest

from yesman.agents import tracking
from yesman.agents.model import AgentState, Option, Prompt, PromptKind, Reading, Signal
from yesman.agents.tracking import HOOK_SECONDS, OTHER_SECONDS

TOLD = Prompt(PromptKind.PERMISSION, tool="Bash", command="make  test", exact=True, source="hook")
ANSWERS = (Option("Yes", 1, selected=True), Option("No", 2))
SHOWN = Prompt(PromptKind.PERMISSION, "Do you want to proceed?", ANSWERS, tool="Bash", command="make test")
IDLE, BUSY = Reading(AgentState.IDLE), Reading(AgentState.BUSY)
UNREAD = Reading()


class Story:
    """One agent, told step by step; keeps what was published."""

    def __init__(self):
        self.tracked, changes = tracking.appeared()
        self.changes = list(changes)

    def hook(self, state, prompt=None, at=0.0):
        self._take(tracking.hooked(self.tracked, Signal(state, prompt), at))
        return self

    def screen(self, reading, at=0.0):
        self._take(tracking.looked(self.tracked, reading, at))
        return self

    def _take(self, step):
        self.tracked, changes = step
        self.changes += changes

    @property
    def names(self):
        return [change.name for change in self.changes]

    @property
    def answered(self):
        return [change.prompt for change in self.changes if change.name == "prompt.answered"]

    @property
    def prompts(self):
        return [change.prompt for change in self.changes if change.name == "prompt.detected"]


def waiting(prompt=SHOWN):
    return Reading(AgentState.WAITING, prompt)


def test_an_agent_appears_works_and_is_gone():
    story = Story().screen(BUSY).screen(BUSY).screen(IDLE)
    _, ended = tracking.gone(story.tracked)
    assert story.names == ["agent.started", "agent.state_changed", "agent.state_changed"]
    assert [(change.name, change.before) for change in ended] == [("agent.exited", AgentState.IDLE)]


def test_a_prompt_is_told_once_with_the_hooks_words_and_the_screens_answers():
    story = (
        Story()
        .hook(AgentState.BUSY)
        .hook(AgentState.WAITING, TOLD)
        .screen(waiting(), 0.1)
        .screen(waiting(), 9)
    )
    (prompt,) = story.prompts
    assert (prompt.command, prompt.exact, prompt.options) == ("make  test", True, ANSWERS)


def test_a_screen_that_is_first_waits_for_the_hook():
    story = Story().hook(AgentState.BUSY).screen(BUSY, 0.1).screen(waiting(), 5)
    assert (story.tracked.state, story.prompts) == (AgentState.WAITING, [])
    story.hook(AgentState.WAITING, TOLD, 5.2).screen(waiting(), 5.4)
    assert [prompt.exact for prompt in story.prompts] == [True]


def test_without_hooks_the_screens_prompt_is_told_at_once_and_once():
    other = Prompt(
        PromptKind.PERMISSION, "Do you want to proceed?", ANSWERS[::-1], tool="Bash", command="make test"
    )
    moved = Prompt(
        SHOWN.kind, SHOWN.question, (Option("Yes", 1), Option("No", 2, selected=True)), "Bash", "make test"
    )
    story = Story().screen(waiting()).screen(waiting(moved))
    assert [prompt.source for prompt in story.prompts] == ["screen"]
    assert story.tracked.prompt.options[1].selected
    assert len(story.screen(waiting(other)).prompts) == 2


def test_a_hook_that_never_comes_is_not_waited_for_for_long():
    story = (
        Story().hook(AgentState.BUSY).screen(BUSY).screen(waiting(), 5).screen(waiting(), 5 + OTHER_SECONDS)
    )
    assert [prompt.source for prompt in story.prompts] == ["screen"]


def test_a_screen_that_shows_something_else_is_not_dressed_in_the_hooks_words():
    other = Prompt(PromptKind.PERMISSION, "Do you want to proceed?", ANSWERS, tool="Bash", command="rm -rf ~")
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(other), 0.1)
    (prompt,) = story.prompts
    assert (prompt.command, prompt.exact, prompt.source) == ("rm -rf ~", False, "screen")


def test_another_command_with_the_same_answers_is_another_prompt():
    other = Prompt(PromptKind.PERMISSION, "Do you want to proceed?", ANSWERS, tool="Bash", command="rm -rf ~")
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(), 0.1)
    story.screen(waiting(other), 1).screen(waiting(other), 1 + OTHER_SECONDS)
    assert [(prompt.command, prompt.exact) for prompt in story.prompts] == [
        ("make  test", True),
        ("rm -rf ~", False),
    ]


def test_a_hook_is_believed_over_a_screen_that_is_late():
    story = Story().screen(IDLE).hook(AgentState.BUSY, at=10).screen(IDLE, 10.1)
    assert story.tracked.state is AgentState.BUSY


def test_a_hook_that_a_screen_confirmed_no_longer_outweighs_it():
    """No hook tells that Escape ended the work."""
    story = Story().hook(AgentState.BUSY, at=10).screen(BUSY, 10.1).screen(IDLE, 10.2)
    assert story.tracked.state is AgentState.IDLE


def test_a_hook_that_nothing_confirms_is_believed_for_a_while_only():
    story = Story().hook(AgentState.BUSY, at=10).screen(IDLE, 10 + HOOK_SECONDS)
    assert story.tracked.state is AgentState.IDLE


def test_what_cannot_be_read_changes_nothing_but_the_hooks_prompt_is_told_in_the_end():
    story = Story().hook(AgentState.WAITING, TOLD).screen(UNREAD, 0.5)
    assert (story.tracked.state, story.prompts) == (AgentState.WAITING, [])
    assert story.screen(UNREAD, OTHER_SECONDS).screen(UNREAD, 9).prompts == [TOLD]


def test_a_reminder_of_a_prompt_is_not_a_second_one():
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(), 0.1)
    assert len(story.hook(AgentState.WAITING, at=6).screen(waiting(), 6.1).prompts) == 1


def test_the_same_prompt_asked_again_is_told_again():
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(), 0.1)
    story.screen(BUSY, 1).hook(AgentState.WAITING, TOLD, 2).screen(waiting(), 2.1)
    assert len(story.prompts) == 2


def fetch(url, source="hook"):
    exact = source == "hook"
    shown = () if exact else ANSWERS
    question = "" if exact else "Allow this?"
    return Prompt(
        PromptKind.PERMISSION, question, shown, tool="WebFetch", url=url, exact=exact, source=source
    )


def test_of_several_tools_at_once_each_prompt_is_told_when_it_is_shown():
    story = Story().hook(AgentState.WAITING, fetch("a"), 1).hook(AgentState.WAITING, fetch("b"), 1)
    story.screen(waiting(fetch("a", "screen")), 1.1).screen(waiting(fetch("b", "screen")), 2)
    assert [(prompt.url, prompt.exact) for prompt in story.prompts] == [("a", True), ("b", True)]
    assert [prompt.url for prompt in story.answered] == ["a"]


def test_a_screen_that_could_be_two_prompts_is_neither():
    """Rows are wrapped: nobody knows whether there was a space at their end."""
    told = [msgspec.structs.replace(TOLD, command=text) for text in ("rm ~/a", "rm ~ /a")]
    shown = Prompt(PromptKind.PERMISSION, "Proceed?", ANSWERS, tool="Bash", command="rm ~ /a")
    story = Story()
    for prompt in told:
        story.hook(AgentState.WAITING, prompt, 1)
    assert [prompt.exact for prompt in story.screen(waiting(shown), 1.1).prompts] == [False]
    control = Story().hook(AgentState.WAITING, told[0], 1).screen(waiting(shown), 1.1)
    assert [prompt.exact for prompt in control.prompts] == [True]


def test_a_prompt_that_looks_like_a_later_one_is_no_longer_exact():
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(), 0.1)
    other = msgspec.structs.replace(TOLD, command="maketest")
    story.hook(AgentState.WAITING, other, 0.2).screen(waiting(), 0.3)
    assert (story.tracked.prompt.exact, len(story.prompts)) == (False, 1)


def test_too_many_prompts_at_once_are_never_exact():
    story = Story()
    for number in range(tracking.MOST_TOLD + 1):
        story.hook(AgentState.WAITING, fetch(f"u{number}"), 1)
    story.screen(waiting(fetch("u9", "screen")), 1.1)
    assert [prompt.exact for prompt in story.prompts] == [False]


@pytest.mark.parametrize("after", [BUSY, IDLE, waiting(fetch("a", "screen"))])
def test_a_prompt_that_is_seen_no_more_is_answered_once(after):
    story = Story().hook(AgentState.WAITING, TOLD).screen(waiting(), 0.1).screen(waiting(), 9)
    assert story.answered == []
    story.screen(after, 10).screen(after, 20)
    assert [prompt.command for prompt in story.answered] == ["make  test"]


def test_a_prompt_that_only_becomes_better_known_is_not_answered_by_that():
    story = Story().screen(waiting()).hook(AgentState.WAITING, TOLD, 5).screen(waiting(), 5.1)
    assert ([prompt.exact for prompt in story.prompts], story.answered) == ([False, True], [])
    late = Story().hook(AgentState.WAITING, TOLD).screen(UNREAD, OTHER_SECONDS).screen(waiting(), 9)
    assert [(bool(prompt.options), prompt.exact) for prompt in late.prompts] == [(False, True), (True, True)]
    assert late.answered == []


def test_what_is_out_of_sight_is_not_shown():
    told = msgspec.structs.replace(TOLD, question=SHOWN.question, options=ANSWERS)
    assert tracking.shows(SHOWN, told)
    assert not tracking.shows(msgspec.structs.replace(SHOWN, command=None), told)
    assert not tracking.shows(msgspec.structs.replace(SHOWN, tool=None), told)
    assert not tracking.shows(msgspec.structs.replace(SHOWN, command="make"), told)
