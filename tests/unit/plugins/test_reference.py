"""The reference page says what the code says."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman import plugins
from yesman.model.manifest import parse_manifest
from yesman.plugins import (
    EventBus,
    Notifications,
    Panels,
    PluginBase,
    PluginContext,
    PluginManager,
    Providers,
    SessionManager,
    TmuxManager,
    need_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "author-api.md"
SERVICES = {
    "session_manager": SessionManager,
    "tmux_manager": TmuxManager,
    "event_bus": EventBus,
    "plugin_manager": PluginManager,
    "providers": Providers,
    "notifications": Notifications,
    "panels": Panels,
}
# For whoever delivers events; the only method here that asks the host for nothing.
NOT_FOR_AUTHORS = {"handlers_for"}


def public_methods(service: type) -> dict:
    return {
        name: method
        for name, method in vars(service).items()
        if not name.startswith("_") and name not in NOT_FOR_AUTHORS
    }


def permission_text(method: object) -> str:
    need = need_of(method)
    plain = f"`{need.permission}`" if need.permission else "none"
    return f"{plain}; with `{need.argument}` `{need.then}`" if need.argument else plain


def rows() -> Iterator[str]:
    yield "| method | permission | |"
    yield "|---|---|---|"
    for field, service in SERVICES.items():
        for name, method in public_methods(service).items():
            signature = inspect.signature(method)
            shown = signature.replace(
                parameters=[
                    p.replace(annotation=p.empty) for p in signature.parameters.values() if p.name != "self"
                ],
                return_annotation=signature.empty,
            )
            summary = inspect.getdoc(method).splitlines()[0]
            yield f"| `{field}.{name}{shown}` | {permission_text(method)} | {summary} |"


def test_the_page_lists_each_method_with_its_permission():
    found = re.search(
        r"<!-- methods: .*? -->\n\n(.*)\n\n<!-- end of methods -->", PAGE.read_text(), re.DOTALL
    )
    assert found
    assert found[1].splitlines() == list(rows())


def test_the_page_names_every_public_name_that_an_author_uses():
    for_tests_and_the_host = {
        "Done",
        "Items",
        "Text",
        "Transport",
        "Need",
        "need_of",
        "needs",
        "parameter_name",
    }
    page = PAGE.read_text()
    assert {name for name in plugins.__all__ if f"`{name}" not in page} == for_tests_and_the_host


@pytest.mark.parametrize(
    "value",
    [
        plugins.Session,
        plugins.Window,
        plugins.Pane,
        plugins.Event,
        plugins.Plugin,
        plugins.Allow,
        plugins.Deny,
    ],
)
def test_the_page_lists_the_fields_of_a_value(value):
    (row,) = re.findall(rf"^\| `{value.__name__}` \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == [field.name for field in dataclasses.fields(value)]


def test_the_page_lists_the_fields_of_the_context():
    table = PAGE.read_text().partition("## Context")[2].partition("###")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [
        f.name for f in dataclasses.fields(PluginContext)
    ]


def test_the_page_lists_the_keys_of_an_option():
    table = PAGE.read_text().partition("## Commands")[2]
    keys = plugins.PluginCommand("c", "", print, [{"name": "x"}]).options[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == list(keys)


async def test_the_pages_examples_run(transport):
    source = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL))
    names: dict = {}
    exec(compile(source, PAGE.name, "exec"), names)  # noqa: S102 - our own page
    services = SessionManager(transport), TmuxManager(transport), EventBus(transport)
    context = PluginContext("me", "/me", {}, None, *services)
    await names["Watcher"](context).initialize()
    (command,) = names["Greeter"](context).get_commands()
    assert await command.handler(name="Ann") == {"text": "Hello Ann, this is work"}
    assert issubclass(names["Greeter"], PluginBase)
    keep = names["Office"](context).get_hooks()["session.closing"]
    answers = [
        await keep(plugins.Event("", 0.0, 1, "session.closing", "host", name, 1, {}))
        for name in ("prod-1", "x")
    ]
    assert answers == [plugins.Deny("close it in the evening"), None]


def test_the_pages_manifest_is_one():
    parts = "".join(re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
    manifest = parse_manifest(f"name: office\nversion: 1.0.0\ndescription: x\ntype: hook\n{parts}".encode())
    assert manifest.config.secrets == {"github_token", "webhook"}
    assert (manifest.hooks[0].session, manifest.hooks[0].on_error) == ("prod-*", "closed")
