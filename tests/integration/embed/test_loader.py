"""``PluginLoader``: the plan's way to plugins, through a real server and the real sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hosted.desk import YESMAN, desk_of

from yesman.embed import LoadedPlugin, PluginLoader
from yesman.model.errors import YesmanError
from yesman.package import remove_tree
from yesman.plugins import ProviderError

PLUGIN = """
import json, os, sys, time
from pathlib import Path
from yesman.plugins import IntegrationPlugin, INotificationProvider, PluginCommand

class Sink(INotificationProvider):
    async def connect(self): ...
    async def disconnect(self): ...
    async def send(self, title, body, urgency="normal"):
        if urgency == "critical":
            raise ValueError("no")

class Worker(IntegrationPlugin):
    async def initialize(self):
        if self.context.config.get("broken"):
            raise ValueError("it is broken")

    def get_providers(self):
        return {"sink": Sink()}

    def get_commands(self):
        second = {"name": "--right", "type": int, "default": 1}
        numbers = [{"name": "--left", "type": int, "required": True}, second]
        return [
            PluginCommand("add", "Add.", self.add, numbers),
            PluginCommand("where", "Tell.", self.where),
            PluginCommand("read", "Read.", self.read, [{"name": "--file"}]),
            PluginCommand("wait", "Wait.", self.wait),
            PluginCommand("fail", "Fail.", self.fail),
        ]

    def add(self, left, right):
        print("adding")
        return left + right

    def where(self):
        return {"pid": os.getpid(), "typed": sys.stdin.read()}

    def read(self, file):
        return Path(file).read_text()

    def fail(self):
        raise KeyError("nothing")

    def wait(self):
        data = Path(self.context.data_dir)
        (data / "begun").touch()
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            (data / "stopped").touch()
            raise
"""
MANIFEST = {
    "name": "worker",
    "version": "1.0.0",
    "description": "d",
    "type": "integration",
    "provides": [
        {"commands": [{"name": n, "description": "d"} for n in ("add", "where", "read", "wait", "fail")]},
        {"providers": [{"name": "sink", "interface": "INotificationProvider"}]},
    ],
    "config": {"type": "object", "properties": {"broken": {"type": "boolean", "default": False}}},
}


@pytest.fixture(scope="module")
def machine():
    """A home with the plugin ``worker``, and a command line for it."""
    root = Path(tempfile.mkdtemp(prefix="yml", dir="/tmp")).resolve()
    (root / "papers").mkdir()
    (root / "papers" / "list").write_text("milk")
    asking = {"permissions": [f"filesystem.read:{root}/papers"]}
    folder = root / "worker"
    (folder / "src").mkdir(parents=True)
    (folder / "plugin.yaml").write_text(json.dumps(MANIFEST | asking))
    (folder / "src" / "main.py").write_text(PLUGIN)
    with desk_of(root, YESMAN, root / "state") as desk:
        desk.yesman("plugin", "install", str(folder), "--yes")
        yield desk
    remove_tree(root)


@pytest.fixture
def loader(machine, monkeypatch):
    monkeypatch.setenv("HOME", machine.environ["HOME"])
    return PluginLoader(f"{machine.home}/plugins")


@pytest.fixture
async def commands(loader):
    loaded = await loader.load_plugin("worker")
    return {command.name: command for command in loaded.instance.get_commands()}


async def test_plugins_are_found_with_what_they_say(loader, caplog):
    wrong = loader.plugins_dir / "wrong"
    wrong.mkdir()
    (wrong / "plugin.yaml").write_text("name: [")
    (found,) = await loader.discover_plugins()
    assert found["name"] == "worker"
    assert found["provides"] == MANIFEST["provides"]
    assert found["path"] == str(loader.plugins_dir / "worker")
    assert "Failed to load manifest" in caplog.text
    (wrong / "plugin.yaml").unlink()
    wrong.rmdir()


async def test_a_loaded_plugin_is_what_the_plan_says(loader, machine):
    loaded = await loader.load_plugin("worker")
    assert isinstance(loaded, LoadedPlugin)
    assert loader.loaded_plugins == {"worker": loaded}
    assert (loaded.name, loaded.manifest["version"], loaded.venv_dir) == ("worker", "1.0.0", None)
    assert loaded.module.read_text() == PLUGIN
    assert "running" in machine.yesman("plugin", "list").stdout
    files = {name: str(getattr(module, "__file__", "")) for name, module in sys.modules.items()}
    assert not [name for name, file in files.items() if file.startswith(str(machine.home.parent))]


async def test_commands_run_in_a_process_of_their_own(commands, capsys):
    assert await commands["add"].handler(left=2) == 3
    assert await commands["add"].handler(left=2, right=5) == 7
    assert capsys.readouterr().out == "adding\nadding\n"
    said = await commands["where"].handler()
    assert said["pid"] != os.getpid()
    assert said["typed"] == ""


@pytest.mark.parametrize("given", [{}, {"left": 1, "middle": 2}])
async def test_options_that_do_not_fit_are_refused_at_once(commands, given):
    with pytest.raises(TypeError, match=r"^the command 'add' (needs|has no) "):
        await commands["add"].handler(**given)


async def test_a_command_of_it_is_one_of_clicks(commands):
    context = commands["add"].to_click_command().make_context("add", ["--left", "4"])
    assert await context.command.invoke(context) == 5


async def test_what_it_was_not_granted_is_refused(commands, machine):
    secret = Path(machine.environ["HOME"]) / "secret"
    secret.write_text("x")
    with pytest.raises(PermissionError) as caught:
        await commands["read"].handler(file=str(secret))
    assert caught.value.permission == f"filesystem.read:{secret}"
    assert await commands["read"].handler(file=f"{secret.parent}/papers/list") == "milk"


async def test_a_failure_comes_with_its_traceback(commands):
    with pytest.raises(RuntimeError, match="KeyError: 'nothing'") as caught:
        await commands["fail"].handler()
    assert "in fail" in "".join(caught.value.__notes__)


async def test_cancelling_reaches_the_plugin(commands, machine, eventually):
    data = machine.home / "data" / "worker"
    waiting = asyncio.create_task(commands["wait"].handler())
    await eventually((data / "begun").exists)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await eventually((data / "stopped").exists)


async def test_providers_are_called_by_their_interface(loader):
    sink = (await loader.load_plugin("worker")).instance.get_providers()["sink"]
    assert await sink.send("t", "b") is None
    with pytest.raises(ProviderError, match="no"):
        await sink.send("t", "b", urgency="critical")


@pytest.mark.parametrize("name", ["nobody", "../worker", "", "."])
async def test_what_is_not_there_is_not_found(loader, name):
    with pytest.raises(ValueError, match="not found"):
        await loader.load_plugin(name)


async def test_nothing_is_loaded_that_nobody_agreed_to(loader):
    folder = loader.plugins_dir / "stranger"
    (folder / "src").mkdir(parents=True)
    (folder / "plugin.yaml").write_text(json.dumps(MANIFEST | {"name": "stranger"}))
    (folder / "src" / "main.py").write_text(PLUGIN)
    with pytest.raises(PermissionError, match="nobody has agreed") as caught:
        await loader.load_plugin("stranger")
    (note,) = caught.value.__notes__
    assert note == f"To allow it: YESMAN_HOME={loader.plugins_dir.parent} yesman plugin install {folder}"
    assert "stranger" not in loader.loaded_plugins
    remove_tree(folder)


async def test_a_permission_that_was_taken_back_is_missed(loader, machine):
    wanted = f"filesystem.read:{machine.environ['HOME']}/papers"
    machine.yesman("plugin", "revoke", "worker", wanted)
    with pytest.raises(PermissionError) as caught:
        await loader.load_plugin("worker")
    assert caught.value.permission == wanted
    machine.yesman("plugin", "grant", "worker", wanted)
    await loader.load_plugin("worker")


async def test_one_that_does_not_initialise_is_not_loaded(loader, machine):
    machine.yesman("plugin", "disable", "worker")  # else what breaks it is refused
    machine.yesman("plugin", "config", "worker", "broken", "true")
    machine.yesman("plugin", "enable", "worker")
    with pytest.raises(RuntimeError, match="it is broken"):
        await loader.load_plugin("worker")
    machine.yesman("plugin", "config", "worker", "broken", "false")


async def test_a_disabled_one_says_so(loader, machine):
    machine.yesman("plugin", "disable", "worker")
    with pytest.raises(YesmanError, match="is disabled") as caught:
        await loader.load_plugin("worker")
    assert f"YESMAN_HOME={machine.home} yesman plugin enable" in caught.value.next_step
    machine.yesman("plugin", "enable", "worker")
