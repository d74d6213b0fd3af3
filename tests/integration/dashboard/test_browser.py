"""The dashboard in a real browser: sessions, panels, and all there is to manage about a plugin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

MARKET = """type: command
description: Greets
config:
  properties:
    greeting: {type: string, default: hello, description: What is said}
    loud: {type: boolean, default: false}
    api_token: {type: string, description: What lets it in}
permissions: [session.read]
"""
SOURCE = """
from yesman.plugins import CommandPlugin
class Greeter(CommandPlugin):
    def get_commands(self):
        return []
"""


@pytest.fixture
def greeter(desk):
    desk.yesman("plugin", "install", str(desk.plugin("greeter", SOURCE, MARKET)), "--yes")
    return "greeter"


def shown(desk, name="greeter"):
    return json.loads(desk.yesman("plugin", "show", name, "--json").stdout)


def agree(page):
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()


def test_sessions_come_and_go_on_the_page_as_they_do(desk, page):
    expect(page.get_by_text("No session runs.")).to_be_visible()
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    expect(page.get_by_role("heading", name="work")).to_be_visible()
    desk.yesman("session", "close", "work")
    expect(page.get_by_text("No session runs.")).to_be_visible()


def test_a_session_is_opened_looked_at_and_ended_there(desk, page):
    page.get_by_role("button", name="Open a session").click()
    dialog = page.get_by_role("dialog", name="Open a session")
    dialog.get_by_label("Name").fill("bad name:x")
    dialog.get_by_label("Folder").fill("/")
    dialog.get_by_label("Command").fill("cat")
    dialog.get_by_role("button", name="Open").click()
    expect(dialog.get_by_role("alert")).to_contain_text("name")
    dialog.get_by_label("Name").fill("work")
    dialog.get_by_role("button", name="Open").click()
    page.get_by_role("link", name="work").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("work")
    page.get_by_role("button", name="End session").click()
    page.get_by_role("dialog").get_by_role("button", name="No").click()
    assert "work" in desk.yesman("session", "ls").stdout
    page.get_by_role("button", name="End session").click()
    agree(page)
    expect(page.get_by_text("This session has ended.")).to_be_visible()


def test_a_plugin_is_disabled_enabled_and_reloaded(desk, greeter, page):
    page.get_by_role("link", name="Plugins").click()
    page.get_by_role("link", name="greeter").click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("status")).to_contain_text("greeter is disabled")
    expect(page.get_by_text("installed", exact=True)).to_be_visible()
    assert shown(desk)["state"] == "installed"
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Reload")).to_be_visible()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("status")).to_contain_text("goes on in a new process")
    expect(page.get_by_text("running", exact=True)).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="MB")).to_be_visible()


def test_a_grant_is_taken_back_and_given_again(desk, greeter, page):
    page.goto("/plugins/greeter")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("dialog")).to_contain_text("session.read")
    agree(page)
    expect(page.get_by_text("Not granted")).to_be_visible()
    assert not shown(desk)["permissions"][0]["grants"]
    page.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("button", name="Revoke")).to_be_visible()
    assert shown(desk)["permissions"][0]["grants"] == ["session.read"]
    expect(page.get_by_role("region", name="Records")).to_contain_text("by=dashboard")


def test_settings_are_kept_and_a_secret_is_never_shown(desk, greeter, page):
    page.goto("/plugins/greeter")
    expect(page.get_by_label("greeting")).to_have_value("hello")
    page.get_by_label("greeting").fill("good day")
    page.get_by_label("loud").check()
    page.get_by_label("api_token").fill("hunter2-very-secret")
    page.get_by_role("button", name="Keep these settings").click()
    expect(page.get_by_role("status")).to_contain_text("are kept")
    found = shown(desk)
    assert found["config"] == {"greeting": "good day", "loud": True}
    assert found["secrets"] == {"api_token": True}
    page.reload()
    expect(page.get_by_label("api_token")).to_have_value("")
    expect(page.get_by_label("api_token")).to_have_attribute("placeholder", "Set; type to replace it")
    assert "hunter2" not in page.content()
    page.get_by_label("greeting").fill("")
    page.get_by_role("button", name="Keep these settings").click()
    expect(page.get_by_role("status")).to_contain_text("are kept")
    assert shown(desk)["config"]["greeting"] == "hello", "an empty one is back at its default"
    assert shown(desk)["secrets"] == {"api_token": True}, "an empty secret stays"


def test_a_plugin_is_removed_after_a_question(desk, greeter, page):
    page.goto("/plugins/greeter")
    page.get_by_role("button", name="Remove with its data").click()
    expect(page.get_by_role("dialog")).to_contain_text("There is no way back")
    agree(page)
    expect(page.get_by_text("No plugin is installed.")).to_be_visible()
    assert "greeter" not in desk.yesman("plugin", "list").stdout


def test_an_older_version_is_gone_back_to_and_kept(desk, greeter, page):
    folder = Path(desk.environ["HOME"]) / "greeter"
    manifest = (folder / "plugin.yaml").read_text().replace("1.0.0", "1.1.0")
    (folder / "plugin.yaml").write_text(manifest)
    desk.yesman("plugin", "install", str(folder), "--yes")
    page.goto("/plugins/greeter")
    page.get_by_role("button", name="Keep at this version").click()
    expect(page.get_by_role("button", name="Take updates again")).to_be_visible()
    page.get_by_role("button", name="Back to 1.0.0").click()
    agree(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.0.0")
    assert shown(desk)["version"] == "1.0.0"


def test_a_quarantine_says_why_and_is_lifted(desk, page):
    source = "import os\nfrom yesman.plugins import CommandPlugin, PluginCommand\n\n\n"
    source += "class Dies(CommandPlugin):\n    def get_commands(self):\n"
    source += "        return [PluginCommand('die', 'Dies', lambda: os._exit(3))]\n"
    desk.yesman("plugin", "install", str(desk.plugin("dies", source, commands=("die",))), "--yes")
    for _ in range(3):
        desk.yesman("die", code=None)
    page.goto("/plugins/dies")
    expect(page.get_by_text("quarantined", exact=True)).to_be_visible()
    expect(page.get_by_role("paragraph").filter(has_text="it crashed 3 times")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_text("enabled", exact=True)).to_be_visible()


def test_the_palette_finds_pages_and_deeds_by_keyboard_alone(desk, greeter, page):
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
    page.keyboard.press("Control+k")
    page.keyboard.type("greet")
    option = page.get_by_role("option", name="Plugin: greeter")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("greeter")
    page.keyboard.press("Control+k")
    page.keyboard.type("disable")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("greeter is disabled")


def test_what_plugins_did_is_found_by_plugin_and_kind(desk, greeter, page):
    page.get_by_role("link", name="Audit trail").click()
    page.get_by_label("Plugin").fill("greeter")
    page.get_by_label("Kind").select_option("install")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("install")


def test_a_server_that_ends_is_said_and_found_again(desk, page):
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    expect(page.get_by_role("heading", name="work")).to_be_visible()
    desk.kill_server()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    desk.yesman("server", "start")
    expect(page.get_by_role("heading", name="work")).to_be_visible()


def test_who_signs_out_sees_nothing_any_more(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/")
    expect(page.get_by_text("You are not signed in")).to_be_visible()
