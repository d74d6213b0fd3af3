"""``yesman plugin test``: a plugin's own tests, as classes and as functions, with what they need."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest

from yesman.testkit.controls import Controls

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "testing.md"

MAIN = """
from yesman.plugins import Deny, IntegrationPlugin, PluginCommand

class Mine(IntegrationPlugin):
    def get_commands(self):
        return [PluginCommand("mine", "d", self.mine, [{"name": "--to", "default": "you"}])]

    def get_hooks(self):
        return {"session.created": self.created, "session.closing": self.closing}

    def mine(self, to):
        session = self.context.session_manager.get_current_session()
        return {"to": to, "session": session.name, "greeting": self.context.config["greeting"]}

    def created(self, event):
        self.context.event_bus.publish("plugin.mine.heard", {"of": event.session})

    def closing(self, event):
        return Deny("not now")
"""
MANIFEST = """
provides:
  - commands: [{name: mine, description: d}]
  - hooks: [{name: session.created}, {name: session.closing}]
permissions: [session.read, session.modify]
config: {type: object, properties: {greeting: {type: string, required: true}}}
"""
FUNCTIONS = """
import pytest
from yesman.plugins import Deny
from src.main import Mine

def test_the_code_can_be_imported():
    assert Mine.__name__ == "Mine"

async def test_commands(run, sessions):
    await sessions.create("work")
    assert await run("mine", to="Ada") == {"to": "Ada", "session": "work", "greeting": "test-greeting"}

async def test_events(events):
    await events.emit("session.created", session="s")
    assert [(event.name, event.payload) for event in events if event.source == "plugin:mine"] == [
        ("plugin.mine.heard", {"of": "s"})
    ]
    assert (await events.wait_for("plugin.mine.*")).payload == {"of": "s"}
    assert await events.emit("session.closing", session="s") == Deny("not now")

class TestOther:
    @pytest.fixture
    def plugin_config(self):
        return {"greeting": "hi"}

    async def test_settings(self, plugin, run):
        assert (await run("mine"))["greeting"] == "hi"
        await plugin.revoke_permission("session.read")
        with pytest.raises(PermissionError):
            await run("mine")
"""


@pytest.fixture
def desk(desk):
    desk.patience = 100.0  # a whole run of pytest
    return desk


@pytest.fixture
def folder(desk):
    made = desk.plugin("mine", MAIN, MANIFEST)
    (made / "tests").mkdir()
    return made


def write_tests(folder, text):
    (folder / "tests" / "test_mine.py").write_text(textwrap.dedent(text))


def test_functions_have_fixtures(desk, folder):
    write_tests(folder, FUNCTIONS)
    ran = desk.yesman("plugin", "test", str(folder), "--", "-q")
    assert "4 passed" in ran.stdout


def test_pytests_arguments_and_exit_code_pass_through(desk, folder):
    write_tests(folder, "def test_one():\n    pass\n\ndef test_two():\n    assert 0\n")
    assert "1 failed, 1 passed" in desk.yesman("plugin", "test", str(folder), code=1).stdout
    assert "1 passed, 1 deselected" in desk.yesman("plugin", "test", str(folder), "--", "-k", "one").stdout
    assert desk.yesman("plugin", "test", str(folder), "--", "-k", "nothing", code=5)
    ran = desk.yesman("plugin", "test", str(folder), "--json", code=1)
    assert {"exit_code": 1, "passed": 1, "failed": 1}.items() <= json.loads(ran.stdout).items()
    assert "1 failed, 1 passed" in ran.stderr


def test_arguments_alone_mean_the_folder_one_is_in(desk, folder):
    ran = desk.yesman("plugin", "test", "--", "-q", code=None)  # run in /
    assert ran.stderr == "yesman: / holds no plugin.yaml. Name the folder that holds it.\n"
    assert ran.returncode != 0


def test_what_the_plugin_and_its_tests_need_is_installed_once_and_said(desk, folder):
    (folder / "requirements.txt").write_text("idna\n")
    (folder / "tests" / "requirements.txt").write_text("toolz\n")
    write_tests(folder, "import toolz, idna\n\ndef test_it():\n    assert toolz.identity(1) == 1\n")
    index = {"PIP_NO_INDEX": "0"}
    ran = desk.yesman("plugin", "test", str(folder), **index)
    assert "resolving 2 requirements" in ran.stderr
    again = desk.yesman("plugin", "test", str(folder))  # without an index from here on
    assert again.stderr.startswith("with idna==")
    assert "toolz==" in again.stderr
    refused = desk.yesman("plugin", "test", "--refresh", str(folder), code=None)
    assert refused.returncode != 0
    assert len(refused.stderr.splitlines()) == 2, "what it does, and one sentence"


def test_packages_of_a_plugin_never_take_the_place_of_our_own(desk, folder):
    (folder / "tests" / "requirements.txt").write_text("click==8.1.3\n")
    write_tests(
        folder, "import click, sys\n\ndef test_it():\n    assert 'testing/envs' not in click.__file__\n"
    )
    desk.yesman("plugin", "test", str(folder), PIP_NO_INDEX="0")


def test_tests_see_neither_each_others_plugins_nor_the_users(desk, folder):
    write_tests(folder, FUNCTIONS)
    desk.yesman("plugin", "test", str(folder), "--", "-q", "-k", "commands")
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"
    assert desk.yesman("session", "ls", "--json").stdout == "[]\n"


def test_the_examples_of_the_reference_page_pass(desk, tmp_path):
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    of_panels = [text for text in examples if "self.panel(" in text]
    others = [text for text in examples if text not in of_panels]
    for kind, texts in (("integration", others), ("ui", of_panels)):
        folder = tmp_path / kind / "reporter"
        desk.yesman("plugin", "new", "reporter", "--type", kind, "--into", str(folder))
        (folder / "tests" / "test_plugin.py").unlink()
        for number, text in enumerate(texts):
            (folder / "tests" / f"test_page_{number}.py").write_text(text)
        passed = desk.yesman("plugin", "test", str(folder)).stdout
        assert f"{3 if texts is others else 1} passed" in passed


def test_the_page_names_all_that_a_test_case_has():
    own = {name for name in vars(Controls) if not name.startswith("_")} | {
        "plugin_name",
        "config",
        "roots",
        "plugin",
    }
    missing = {
        name for name in own if not re.search(rf"`(await )?{name}\b|, `{name}\b", PAGE.read_text("utf-8"))
    }
    assert not missing


FAILING = """
from yesman.plugins.testing import PluginTestCase

async def test_a_function(run):
    await run("mine", nothing=1)

async def test_of_events(events):
    await events.emit("session.creatd")

class TestCase(PluginTestCase):
    async def test_a_case(self):
        await self.execute_command("none")

    async def test_a_grant(self):
        await self.grant_permission("filesystem.read")
"""


def test_a_failing_test_shows_the_test_and_not_how_we_run_it(desk, folder):
    write_tests(folder, FAILING)
    shown = desk.yesman("plugin", "test", str(folder), code=1).stdout
    assert "4 failed" in shown
    assert {'await run("mine", nothing=1)', 'await self.execute_command("none")'} <= set(
        re.findall(r"(?m)^> +(.*)$", shown)
    )
    assert "yesman/testkit" not in shown
    for said in ("TypeError: ", "ValueError: unknown event", "LookupError: unknown command", "ValueError: "):
        assert re.search(rf"(?m)^E +{said}", shown), said
