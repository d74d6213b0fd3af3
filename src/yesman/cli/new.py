"""``yesman plugin new``: a plugin that works, to begin with.

What always holds: nothing is written over; it needs no server; on a terminal it asks for what was not
given, elsewhere it never waits for an answer.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Final

import click

from yesman.cli import catalogue, consent, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.question import can_ask
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError
from yesman.model.plain_text import argument
from yesman.scaffold import KINDS, Plan, write
from yesman.scaffold import render as rendered

DEFAULT: Final = "command"


@click.command(
    "new",
    help=catalogue.PLUGIN["new"].help + "\n\nOn a terminal it asks for what is not given.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin new",
        "yesman plugin new my-plugin --type hook",
        "yesman plugin new greet --into ./plugins/greet",
    ),
)
@click.argument("name", required=False)
@click.option("--type", "kind", type=click.Choice(list(KINDS)), help=f"What it is; {DEFAULT} unless said.")
@click.option("--into", metavar="DIR", help="Where to: a folder that is empty or not there. Default: ./NAME")
@click.option("--description", metavar="TEXT", help="What it does, in one line.")
@click.option("--author", metavar="TEXT", help="Who wrote it.")
@click.option("--yes", is_flag=True, help="Do not ask; what is not given has its default.")
@as_json
def command(
    name: str | None,
    kind: str | None,
    into: str | None,
    description: str | None,
    author: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Start a plugin of your own."""
    asking = not yes and can_ask()
    if name is None and not asking:
        raise UsageError("The name of the plugin is missing", "Name it: yesman plugin new NAME")
    given = Plan(name or "", kind or "", description or "", author or "")
    plan = _completed(_asked(given) if asking else given)
    texts = rendered(plan)
    folder = Path(into or plan.name)
    write(texts, folder)
    if as_json:
        render.show_json(
            {"name": plan.name, "type": plan.kind, "folder": str(folder.absolute()), "files": list(texts)}
        )
    else:
        _tell(plan, folder, list(texts))


def _asked(given: Plan) -> Plan:
    """Return the plan with what was not given asked for; what is not answered stays ""."""
    name = given.name or consent.answered("Name: ")
    rendered(
        _completed(given._replace(name=name))
    )  # what cannot be used is better refused now than at the end
    kind = given.kind or consent.answered(f"Type, one of {', '.join(KINDS)} [{DEFAULT}]: ")
    if kind and kind not in KINDS:
        raise UsageError(f"There is no type '{plain(kind)}'", f"Choose one of {', '.join(KINDS)}")
    about = given.description or consent.answered(f"Description [{KINDS[kind or DEFAULT]}]: ")
    author = given.author or consent.answered(f"Author [{plain(_user())}]: ")
    return Plan(name, kind, about, author)


def _completed(plan: Plan) -> Plan:
    kind = plan.kind or DEFAULT
    return Plan(plan.name, kind, plan.description or KINDS[kind], plan.author or _user())


def _user() -> str:
    """Return the user's full name, or what comes nearest to it."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:  # an account that no table knows
        return "somebody"
    return entry.pw_gecos.partition(",")[0].strip() or entry.pw_name


def _tell(plan: Plan, folder: Path, files: list[str]) -> None:
    where = argument(str(folder))
    render.say(f"The {plan.kind} plugin {plan.name} is in {plain(where)}:")
    render.say("".join(f"\n  {path}" for path in files).removeprefix("\n"))
    render.note(
        f"\nNext:\n  yesman plugin test {plain(where)}\n  yesman plugin install --link {plain(where)}"
    )
