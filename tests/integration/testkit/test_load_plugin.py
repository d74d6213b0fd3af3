"""``load_plugin``: real plugins for a test, found by name, gone afterwards."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import textwrap
from pathlib import Path

import pytest

from yesman.model.errors import AuthorError, NotFoundError, UsageError
from yesman.plugins.testing import load_plugin
from yesman.testkit.finding import find_folder

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture(scope="module")
def abuse():
    spec = importlib.util.spec_from_file_location("abuse_by_a_test", PLUGINS / "abuse.py")
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_memory_is_limited(abuse):
    plugin = await load_plugin("malicious-plugin")
    assert await plugin.execute_in_sandbox(abuse.allocate_memory, size="10MB") == 10 * 1024**2  # the control
    with pytest.raises(MemoryError):
        await plugin.execute_in_sandbox(abuse.allocate_memory, size="1GB")


async def test_processor_time_is_limited(abuse):
    plugin = await load_plugin("cpu-intensive-plugin")
    assert await plugin.count(1000) == 1000  # the control
    plugin.sandbox.max_cpu_seconds = 0.3
    with pytest.raises(TimeoutError):
        await plugin.execute_in_sandbox(abuse.infinite_loop)


async def test_files_are_out_of_reach():
    plugin = await load_plugin("filesystem-plugin")
    assert "name: filesystem-plugin" in await plugin.own_file()  # the control
    with pytest.raises(PermissionError) as refused:
        await plugin.read_file("/etc/passwd")
    assert refused.value.permission == "filesystem.read:/etc/passwd"


async def test_methods_take_and_raise_what_functions_do():
    plugin = await load_plugin("filesystem-plugin")
    with pytest.raises(KeyError, match="nothing") as raised:
        await plugin.fail()
    assert "in fail" in raised.value.__notes__[0]
    with pytest.raises(TypeError, match="argument 1 cannot cross"):
        await plugin.read_file({1})


@pytest.mark.parametrize("name", ["_private", "__init__", "__class__", "missing", "context", ""])
async def test_only_public_methods_can_be_called(name):
    async with load_plugin("filesystem-plugin") as plugin:
        with pytest.raises(AttributeError):
            await plugin.call(name)


async def test_commands_run_with_their_defaults():
    async with load_plugin("malicious-plugin") as plugin:
        assert await plugin.execute_command("take") == 3
        assert await plugin.execute_command("take", size=5) == 5
        with pytest.raises(LookupError, match=r"unknown command .* 'give'"):
            await plugin.execute_command("give")


def processes_below(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()]


async def use(name, left, *, closing):
    plugin = await load_plugin(name)
    await plugin.execute_in_sandbox(textwrap.dedent, "a")
    left += [plugin._host._zygote.pid, *processes_below(plugin._host._zygote.pid)]
    left += [plugin.sandbox._started.runner._zygote.pid, plugin._host._root]
    if closing:
        await plugin.close()
        await plugin.close()


@pytest.mark.parametrize("closing", [False, True])
def test_nothing_is_left_when_the_loop_has_ended(closing):
    left = []
    asyncio.run(use("filesystem-plugin", left, closing=closing))
    *pids, root = left
    assert len(pids) == 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert not root.exists()


def test_nothing_is_left_when_the_test_fails():
    left = []

    async def failing():
        await use("filesystem-plugin", left, closing=False)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(failing())
    assert not left[-1].exists()


def plugin_in(folder, name="found"):
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "__init__.py").touch()
    (folder / "plugin.yaml").write_text(f"name: {name}\nversion: 1.0.0\ndescription: d\ntype: integration\n")
    return folder


@pytest.mark.parametrize("place", ["plugins/it", "examples/it", "it", "tests/plugins/it", "."])
def test_a_plugin_is_found_by_its_manifest_from_the_test_upwards(tmp_path, place):
    folder = plugin_in(tmp_path / place)
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    assert find_folder("found", tmp_path / "tests" / "deep") == folder.resolve()


def test_nothing_above_the_project_is_searched(tmp_path):
    plugin_in(tmp_path / "it")
    (tmp_path / "project" / "tests").mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    with pytest.raises(NotFoundError, match="no plugin called 'found'"):
        find_folder("found", tmp_path / "project" / "tests")


def test_two_of_a_name_are_refused_and_a_broken_one_explained(tmp_path):
    plugin_in(tmp_path / "a")
    plugin_in(tmp_path / "b")
    with pytest.raises(UsageError, match="are both called 'found'"):
        find_folder("found", tmp_path)
    (tmp_path / "a" / "plugin.yaml").write_text("nonsense")
    assert find_folder("found", tmp_path) == tmp_path / "b"
    with pytest.raises(AuthorError):
        find_folder("a", tmp_path)


async def test_a_path_is_taken_as_it_is():
    async with load_plugin(PLUGINS / "filesystem-plugin") as plugin:
        assert plugin.name == "filesystem-plugin"
    with pytest.raises(NotFoundError):
        await load_plugin("./nowhere")
