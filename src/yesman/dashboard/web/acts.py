"""What can be done from the dashboard: a table of acts, each with what its form may hold.

What always holds: nothing but what is in the table reaches the server; a form is bounded and typed before
anything is done; and what the server refuses is told as it says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, get_origin, get_type_hints

import msgspec
from litestar import Request, post
from msgspec import Meta

from yesman.dashboard.forms import read_fields
from yesman.dashboard.web.settings import schema_of
from yesman.dashboard.web.wired import Dashboard
from yesman.model.errors import NotFoundError, UsageError
from yesman.model.panels import Form, pressed, read_panel
from yesman.web.sending import pairs, unfit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from yesman.dashboard.web.link import Link

MOST_FIELDS: Final = 500
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Some = Annotated[str, Meta(max_length=4_096)]
Long = Annotated[str, Meta(max_length=64 * 1024)]
By: Final = "dashboard"


class Named(msgspec.Struct, frozen=True):
    """A plugin or session."""

    name: Name


class Removal(msgspec.Struct, frozen=True):
    """A plugin, and whether its data goes as well."""

    name: Name
    purge: bool = False


class Pinning(msgspec.Struct, frozen=True):
    """Whether updates leave a plugin alone."""

    name: Name
    pinned: bool


class Grants(msgspec.Struct, frozen=True):
    """Permissions of a plugin."""

    name: Name
    permissions: Annotated[tuple[Some, ...], Meta(min_length=1, max_length=200)]


class Settings(msgspec.Struct, frozen=True):
    """Settings as texts: what is empty is taken back to its default; a secret that is empty stays."""

    name: Name
    set: Annotated[dict[Some, Long], Meta(max_length=200)] = {}


class Opening(msgspec.Struct, frozen=True):
    """A session to open."""

    name: Name
    cwd: Name
    command: Some = ""


class Typing(msgspec.Struct, frozen=True):
    """What was typed into a pane, as a terminal sends it."""

    name: Name
    pane: Name
    text: Annotated[str, Meta(min_length=1, max_length=16 * 1024)]


class Answering(msgspec.Struct, frozen=True):
    """An answer to what an agent asks."""

    session: Name
    pid: int
    number: int
    option: Some


class Pressing(msgspec.Struct, frozen=True):
    """What was pressed in a panel, and what was filled in there, as texts."""

    plugin: Name
    panel: Name
    look: int
    revision: int
    path: Some
    session: Some | None = None
    set: Annotated[dict[Some, Long], Meta(max_length=200)] = {}


class Act(NamedTuple):
    """One row of the table.

    Attributes:
        form: What it takes.
        do: Does it; returns a sentence, or "".
    """

    form: type[msgspec.Struct]
    do: Callable[[Link, Any], Awaitable[str]]


def _plain(method: str, said: str, form: type[msgspec.Struct] = Named) -> Act:
    """Return an act that hands its form on and says ``said``, in which fields may be named."""

    async def do(link: Link, sent: msgspec.Struct) -> str:
        params = msgspec.structs.asdict(sent)
        await link.call(method, **params)
        return said.format(**params)

    return Act(form, do)


async def _grant(link: Link, sent: Grants) -> str:
    await link.call("plugin.grant", name=sent.name, permissions=sent.permissions, by=By)
    return f"{sent.name} has these permissions now."


async def _revoke(link: Link, sent: Grants) -> str:
    await link.call("plugin.revoke", name=sent.name, permissions=sent.permissions, by=By)
    return f"Taken back from {sent.name}, at once."


async def _configure(link: Link, sent: Settings) -> str:
    found = await link.call("plugin.show", name=sent.name)
    schema = schema_of(found)
    values = {key: text for key, text in sent.set.items() if text}
    for key, text in values.items():
        schema.parse_text(key, text)
    empty = [p.name for p in schema.properties if sent.set.get(p.name) == "" and not p.is_secret]
    unset = [name for name in empty if name in found["config"]]
    told = await link.call("plugin.config", name=sent.name, set=values, unset=unset)
    lacking = told["missing"]
    return (
        f"{sent.name} still needs {', '.join(lacking)}."
        if lacking
        else f"The settings of {sent.name} are kept."
    )


async def _open(link: Link, sent: Opening) -> str:
    import shlex  # noqa: PLC0415 - only here

    try:
        command = shlex.split(sent.command) or None
    except ValueError as error:
        raise UsageError(f"the command cannot be read: {error}", "Close every quotation mark") from None
    await link.call("session.new", name=sent.name, cwd=sent.cwd, command=command)
    return f"Session {sent.name} is open."


async def _type(link: Link, sent: Typing) -> str:
    await link.call("session.send", name=sent.name, text=sent.text, enter=False, pane=sent.pane)
    return ""


async def _press(link: Link, sent: Pressing) -> str:
    values: dict[str, Any] = {}
    if sent.set:
        shown = await link.data("panel.show", plugin=sent.plugin, panel=sent.panel, session=sent.session)
        part = pressed(read_panel(msgspec.json.decode(shown)), sent.path)
        if not isinstance(part, Form):
            raise UsageError("what was pressed is not shown any more", "Press what is there now")
        values = read_fields(part.fields, sent.set)
    params = {"look": sent.look, "revision": sent.revision, "path": sent.path, "values": values}
    return str(await link.call("panel.press", **params))


ACTS: Final[Mapping[str, Act]] = {
    "enable": _plain("plugin.enable", "{name} is enabled."),
    "disable": _plain("plugin.disable", "{name} is disabled."),
    "reload": _plain("plugin.reload", "{name} goes on in a new process."),
    "roll-back": _plain("plugin.rollback", "{name} is back at its version before."),
    "remove": _plain("plugin.remove", "{name} is removed.", Removal),
    "pin": _plain("plugin.pin", "Updates of {name}: kept.", Pinning),
    "grant": Act(Grants, _grant),
    "revoke": Act(Grants, _revoke),
    "configure": Act(Settings, _configure),
    "open-session": Act(Opening, _open),
    "close-session": _plain("session.close", "Session {name} is closed."),
    "type": Act(Typing, _type),
    "answer": _plain("agent.answer", "Answered: {option}", Answering),
    "press": Act(Pressing, _press),
}


@post("/act/{act:str}", status_code=200, include_in_schema=False)
async def do(request: Request[Any, Any, Any], dashboard: Dashboard, act: str) -> dict[str, str]:
    """Do what was pressed; return what there is to say."""
    row = ACTS.get(act)
    if row is None:
        raise NotFoundError(f"nothing here is called '{act[:60]}'")
    said = await row.do(dashboard.link, read(row.form, await request.body()))
    dashboard.regions.hurry()
    return {"said": said}


def read(form: type[msgspec.Struct], body: bytes) -> Any:
    """Return what a form sent, as a value of its type.

    Fields called ``set.KEY`` become a dictionary; of those that a type has once, the last counts.

    Raises:
        UsageError: It cannot be read, or is not filled in as it must be.
    """
    kinds = get_type_hints(form)
    found: dict[str, Any] = {}
    for key, text in pairs(body, MOST_FIELDS):
        if key.startswith("set."):
            found.setdefault("set", {})[key.removeprefix("set.")] = text
        elif get_origin(kinds.get(key)) is tuple:
            found.setdefault(key, []).append(text)
        else:
            found[key] = text
    try:
        return msgspec.convert(found, form, strict=False)
    except msgspec.ValidationError as error:
        raise unfit(error) from None
