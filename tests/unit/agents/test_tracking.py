"""Two witnesses, one story: what hooks and screens together make known."""

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
    def prompts(self):
        return [change.prompt for change in self.changes if change.prompt]


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
