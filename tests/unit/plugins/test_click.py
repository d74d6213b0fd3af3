"""The same command under the real Click."""

from __future__ import annotations

import asyncio
from typing import Any

import click
import pytest
from click.testing import CliRunner

from yesman.plugins import PluginCommand, Text


def run(command: PluginCommand, *arguments: str) -> Any:
    return command.to_click_command().main(list(arguments), standalone_mode=False)


def echo(options: list[dict[str, Any]], *arguments: str) -> Any:
    return run(PluginCommand("echo", "Echoes.", lambda **values: values, options), *arguments)


def test_names_types_and_defaults_reach_the_handler():
    options = [
        {"name": "--title", "short": "-t", "required": True},
        {"name": "count", "type": int, "default": 2},
        {"name": "--ratio", "default": 0.5},
        {"name": "--tag", "multiple": True},
        {"name": "--dry-run", "is_flag": True},
    ]
    assert echo(options, "-t", "x", "--tag", "a", "--tag", "b", "--dry-run", "--count", "5") == {
        "title": "x",
        "count": 5,
        "ratio": 0.5,
        "tag": ("a", "b"),
        "dry_run": True,
    }
    assert echo(options, "--title", "x") == {
        "title": "x",
        "count": 2,
        "ratio": 0.5,
        "tag": (),
        "dry_run": False,
    }


def test_an_option_without_default_is_none():
    assert echo([{"name": "--title"}]) == {"title": None}


def test_a_bool_that_is_no_flag_takes_a_value():
    assert echo([{"name": "--draft", "type": bool, "default": True}], "--draft", "no") == {"draft": False}


def test_a_flag_may_be_on_by_default():
    assert echo([{"name": "--colour", "is_flag": True, "default": True}]) == {"colour": True}


def test_multiple_defaults_survive():
    assert echo([{"name": "--n", "type": int, "multiple": True, "default": [1, 2]}]) == {"n": (1, 2)}


@pytest.mark.parametrize(
    "extra",
    [
        {"required": True},
        {"required": True, "default": "main"},
        {"required": True, "multiple": True},
        {"required": True, "is_flag": True},
        {"default": "main"},
    ],
)
def test_required_and_default_mean_what_click_means(extra):
    @click.command("echo")
    @click.option("--base", **extra)
    def plain(**values: Any) -> Any:
        click.echo(repr(values))

    ours = PluginCommand("echo", "", lambda **values: click.echo(repr(values)), [{"name": "--base", **extra}])
    wanted, got = CliRunner().invoke(plain), CliRunner().invoke(ours.to_click_command())
    assert (got.exit_code, got.output) == (wanted.exit_code, wanted.output)


def test_help_shows_what_the_author_wrote():
    options = [{"name": "--title", "short": "-t", "help": "The request's title."}]
    command = PluginCommand("gh-create-pr", "Create a request.", lambda **_: None, options).to_click_command()
    output = CliRunner().invoke(command, ["--help"]).output
    assert command.name == "gh-create-pr"
    assert "Create a request." in output
    assert "-t, --title TEXT  The request's title." in output


def test_a_wrong_value_is_clicks_own_usage_error():
    with pytest.raises(click.BadParameter, match="not a valid integer"):
        echo([{"name": "--count", "type": int}], "--count", "many")


def test_an_async_handler_is_run_to_its_end():
    async def handler(title: str) -> str:
        await asyncio.sleep(0)
        return title.upper()

    assert run(PluginCommand("cmd", "Does it.", handler, [{"name": "title"}]), "--title", "x") == "X"


async def test_under_a_running_loop_the_result_is_awaited_by_the_caller():
    async def handler() -> int:
        return 7

    assert await run(PluginCommand("cmd", "Does it.", handler)) == 7


def test_a_service_value_passes_through():
    assert run(PluginCommand("cmd", "Does it.", lambda: Text("shown"))) == "shown"


def test_a_handlers_exception_is_not_swallowed():
    async def handler() -> None:
        raise LookupError("no session")

    with pytest.raises(LookupError, match="no session"):
        run(PluginCommand("cmd", "Does it.", handler))
