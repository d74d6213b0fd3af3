"""Loading: what works, and one clear sentence for everything an author can get wrong."""

from __future__ import annotations

import pytest

from yesman.model.errors import AuthorError, PermissionDeniedError, PluginFailedError

CLASS = """
from yesman.plugins import CommandPlugin
class {name}(CommandPlugin):
    def get_commands(self):
        return []
"""


async def test_a_plugin_loads_and_says_what_it_contributes(rig):
    source = """
        from yesman.plugins import IntegrationPlugin, PluginCommand
        from .helpers import greet
        class Demo(IntegrationPlugin):
            async def initialize(self):
                self.ready = True
            def get_commands(self):
                return [PluginCommand("hi", "says hi", greet, [{"name": "--loud", "is_flag": True}])]
            def get_hooks(self):
                return {"session.created": self.seen}
            def seen(self, event):
                pass
        """
    plugin = await rig.start(source, helpers="def greet(loud): pass")
    assert [c["name"] for c in plugin.contributed.commands] == ["hi"]
    assert plugin.contributed.commands[0]["options"][0]["name"] == "--loud"
    assert plugin.contributed.hooks == ("session.created",)


async def test_handlers_named_in_the_manifest_are_found(rig):
    root = rig.write(CLASS.format(name="Demo"), commands="def go():\n    return 'from commands.py'\n")
    declared = {"commands": [{"name": "go", "description": "x", "handler": "go"}]}
    plugin = await rig.load(rig.policy(root), declared=declared)
    assert await rig.go(plugin) == "from commands.py"


async def test_the_context_holds_config_and_folders(rig):
    body = "c = self.context; return [c.plugin_id, c.config, c.plugin_dir, c.data_dir]"
    plugin = await rig.start(rig.command(body), config={"token": "t"})
    expected = ["demo", {"token": "t"}, plugin.policy.code, plugin.policy.data]
    assert await rig.go(plugin) == expected


BROKEN = {
    "missing main": (None, r"src/main.py is missing"),
    "syntax error": ("x = 1\ndef f(:\n", r"src/main.py:2 is not valid Python"),
    "no class": ("x = 1", r"defines no plugin class"),
    "two classes": (CLASS.format(name="One") + CLASS.format(name="Two"), r"2 plugin classes \(One and Two\)"),
    "unknown import": ("import no_such_package", r"imports 'no_such_package'"),
    "abstract": (
        "from yesman.plugins import HookPlugin\nclass A(HookPlugin): pass",
        r"class A does not define get_hooks",
    ),
    "not commands": (
        CLASS.format(name="A").replace("[]", "['x']"),
        r"must return PluginCommand objects, not str",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_the_authors_mistakes_are_named(rig, name):
    source, sentence = BROKEN[name]
    with pytest.raises(AuthorError, match=sentence) as caught:
        await rig.start(source)
    assert "\n" not in caught.value.sentence


IN_INIT = CLASS.format(name="A") + "    def __init__(self, context):\n        raise KeyError('token')\n"
IN_INITIALIZE = CLASS.format(name="A") + "    async def initialize(self):\n        1 / 0\n"
RAISING = {
    "top level": ("raise RuntimeError('early')", "RuntimeError: early"),
    "__init__": (IN_INIT, "KeyError: 'token'"),
    "initialize": (IN_INITIALIZE, "ZeroDivisionError: division by zero"),
    "exit": ("raise SystemExit(4)", "it exited with code 4"),
    "interrupt": ("raise KeyboardInterrupt", "interrupted"),
    "group": ("raise ExceptionGroup('many', [ValueError('v')])", "ExceptionGroup: many"),
}


@pytest.mark.parametrize("name", RAISING)
async def test_what_its_code_raises_is_told(rig, name):
    source, message = RAISING[name]
    with pytest.raises(PluginFailedError) as caught:
        await rig.start(source)
    assert f"plugin 'demo' failed while loading: {message}" in caught.value.message
    assert "plugin logs demo" in caught.value.next_step


async def test_a_refusal_while_loading_is_a_permission_error(rig):
    with pytest.raises(PermissionDeniedError, match=r"lacks permission 'filesystem.read:/etc/passwd'"):
        await rig.start("open('/etc/passwd')")


HANGING = {
    "asleep": "import time\ntime.sleep(60)",
    "busy": "while True: pass",
    "awaiting": CLASS.format(name="A")
    + "    async def initialize(self):\n        await __import__('asyncio').sleep(60)\n",
    "deaf": "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass",
}


@pytest.mark.parametrize("name", HANGING)
async def test_a_hanging_load_ends_at_the_limit(rig, name, limits):
    with pytest.raises(PluginFailedError, match=r"did not finish loading within 0.3 seconds") as caught:
        await rig.start(HANGING[name], limits=limits(load_seconds=0.3))
    assert caught.value.failure == "timeout"


DYING = {
    "segfault": ("import ctypes; ctypes.string_at(0)", "died of SIGSEGV"),
    "_exit": ("import os; os._exit(3)", "exited with code 3"),
    "abort": ("import os; os.abort()", "died of SIGABRT"),
    "says 70": ("import os; os._exit(70)", "exited with code 70"),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "died of SIGKILL"),
    "out of stack": (
        "import sys\nsys.setrecursionlimit(10**8)\ndef f(): return max(map(lambda x: f(), [1]))\nf()",
        "",
    ),
}


@pytest.mark.parametrize("name", DYING)
async def test_a_process_that_dies_while_loading_is_told_in_one_sentence(rig, name):
    source, how = DYING[name]
    with pytest.raises(PluginFailedError) as caught:
        await rig.start(source)
    assert how in caught.value.message
    assert "\n" not in caught.value.sentence


async def test_after_every_kind_of_failure_the_next_plugin_loads(rig):
    for source in ("x =", "import os; os.abort()", "raise SystemExit"):
        with pytest.raises((PluginFailedError, AuthorError)):
            await rig.start(source)
    assert await rig.run("return 1") == 1


@pytest.mark.parametrize("protocol", [0, 99])
async def test_a_worker_does_not_load_for_a_host_that_speaks_what_it_does_not(rig, protocol):
    plugin = await rig.start(rig.command("return 1"))
    params = {"config": {}, "declared": {}, "learn": False, "protocol": protocol}
    with pytest.raises(PluginFailedError, match=f"the host speaks protocol {protocol}, its worker") as caught:
        await plugin.calling.make("load", params)
    assert caught.value.failure == "load"
    assert await rig.go(plugin) == 1


BIND = """
import socket
try:
    socket.socket(socket.AF_INET6).bind(('::1', 0))
except PermissionError:
    pass
"""


@pytest.mark.escape("network")
async def test_what_a_library_tries_at_its_import_in_vain_is_no_warning_but_on_record(rig):
    plugin = await rig.start(rig.command(BIND, top=BIND))
    refused = "plugin 'demo' may not call bind; no permission can allow it"
    assert (20, f"refused while loading: {refused}") in rig.logged
    assert rig.refused == [("call bind", 1, "kernel")]
    await rig.go(plugin)
    assert (30, f"refused: {refused}") in rig.logged
    assert rig.refused == [("call bind", 1, "kernel")] * 2


async def test_what_a_permission_would_allow_is_a_warning_while_loading_too(rig):
    reach = "import socket\nsocket.socket().connect_ex(('93.184.216.34', 443))"
    await rig.start(rig.command("return 1", top=reach))
    lacks = "refused: plugin 'demo' lacks permission 'network.external:93.184.216.34:443'"
    assert (30, lacks) in rig.logged
