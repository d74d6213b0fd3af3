"""Nothing of a plugin is left behind: no candidate, no relieved process, no template."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from yesman.sandbox import family

HEAVY = "import time\ntime.sleep(0.3)"
TOP = "import ctypes, heavy\nVERSION = {code!r}"
COMMANDS = {
    "which": "return VERSION",
    "work": "self.note('begun')\nawait asyncio.sleep(600)",
    "read": "fd = ctypes.CDLL(None).open(arg.encode(), 0)\nreturn fd >= 0 and os.read(fd, 99).decode()",
}
SLOW = """
    async def initialize(self):
        self.note("initializing")
        await asyncio.sleep(3)
"""
UNFIT = """
    async def health_check(self):
        return False
"""
UNFIT_LATER = """
    async def health_check(self):
        await asyncio.sleep(3)
        return False
"""
UNFIT_AND_ENDS_THE_OLD = """
    async def health_check(self):
        self.note("end")
        while "ended" not in (Path(self.context.data_dir) / "notes").read_text():
            await asyncio.sleep(0.01)
        return False
"""
ENDS = """
    async def initialize(self):
        asyncio.get_running_loop().create_task(self.watch())

    async def watch(self):
        notes = Path(self.context.data_dir) / "notes"
        while not notes.exists() or "end" not in notes.read_text():
            await asyncio.sleep(0.01)
        self.note("ended")
        os._exit(3)
"""


class Demo:
    """A plugin that imports something that takes long."""

    def __init__(self, plugins, server):
        self._plugins = plugins
        self.server = server

    def write(self, code, methods="", **manifest):
        folder = self._plugins.make(commands=COMMANDS, top=TOP.format(code=code), **manifest)
        (folder / "requirements.txt").write_text("heavy\n")
        main = folder / "src/main.py"
        main.write_text(main.read_text() + methods)
        return folder

    def install(self, methods="", *, link=True, **manifest):
        self.server.install(self.write("one", methods, **manifest), link=link)
        assert self.server.value("demo", "which") == "one"

    def noted(self, text):
        file = self.server.data("demo") / "notes"
        return file.exists() and text in file.read_text()

    def processes(self):
        """Return what every process of plugins calls itself."""
        zygote = self.server.call("server.status")["zygote"]
        paths = [path for path in Path("/proc").glob("[0-9]*") if family.parent(int(path.name)) == zygote]
        return sorted(filter(None, map(_name, paths)))


def _name(process):
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


class Aside:
    """A call that somebody makes meanwhile."""

    def __init__(self, server, method, **params):
        self._call = (server, method, params)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        server, method, params = self._call
        self._answer = server.ask(method, **params)

    def failure(self):
        self._thread.join(60)
        return self._call[0].explained(self._answer)


@pytest.fixture
def demo(plugins, server, wheel):
    wheel("heavy", body=HEAVY)
    return Demo(plugins, server)


def reloaded_slowly(demo, until):
    """Return a reload that goes on, of a version that is being initialised."""
    demo.write("two", SLOW)
    reload = Aside(demo.server, "plugin.reload", name="demo")
    until(lambda: demo.noted("initializing"))
    return reload


@pytest.mark.escape("processes")
def test_what_is_to_take_over_ends_when_its_plugin_is_disabled(demo, server, until):
    demo.install()
    reload = reloaded_slowly(demo, until)
    server.call("plugin.disable", name="demo")
    assert demo.processes() == []
    assert "was changed while it was reloaded" in reload.failure()["message"]
    assert demo.processes() == []


def test_what_is_to_take_over_ends_when_nobody_waits_for_it_any_more(demo, server, until):
    demo.install()
    demo.write("two", SLOW)
    wire = server.wire()
    wire.send("plugin.reload", name="demo")
    until(lambda: demo.noted("initializing"))
    wire.close()
    until(lambda: demo.processes().count("yp:demo") == 1)
    demo.write("three")
    until(lambda: server.value("demo", "which") == "three")  # as soon as that reload is over for the server


@pytest.mark.escape("processes")
@pytest.mark.parametrize("end", ["plugin.disable", "plugin.remove"])
def test_a_relieved_process_ends_with_its_plugin_whatever_it_still_does(demo, server, until, end):
    demo.install()
    working = server.begin("demo", "work")
    until(lambda: demo.noted("begun"))
    demo.write("two")
    server.call("plugin.reload", name="demo")
    server.call(end, name="demo")
    assert demo.processes() == []
    assert working.failure()


def test_its_template_has_ended_when_a_plugin_is_disabled(demo, server, until):
    demo.install()
    until(lambda: "yt:demo" in demo.processes())
    server.call("plugin.disable", name="demo")
    assert demo.processes() == []


def test_there_is_one_template_however_often_a_plugin_is_reloaded(demo, server, until):
    demo.install()
    until(lambda: server.call("plugin.reload", name="demo")["template"])
    assert all(server.call("plugin.reload", name="demo")["template"] for _ in range(100))
    until(lambda: demo.processes() == ["yp:demo", "yt:demo"])
    server.call("plugin.disable", name="demo")
    assert demo.processes() == []


@pytest.mark.escape("processes")
def test_an_update_that_is_undone_leaves_no_template_with_its_grants(demo, server, until, tmp_path):
    (tmp_path / "granted").mkdir()
    demo.install(link=False)
    until(lambda: "yt:demo" in demo.processes())
    wider = {"version": "2.0.0", "permissions": [f"filesystem.read:{tmp_path}/granted"]}
    answer = server.try_install(demo.write("two", UNFIT_LATER, **wider))
    assert "is not fit" in server.explained(answer)["message"]
    assert demo.processes() == ["yp:demo"]
    assert server.call("plugin.permissions", name="demo")["permissions"] == []


@pytest.mark.escape("files")
def test_an_update_that_is_not_fit_is_undone_though_the_old_version_died_meanwhile(demo, server, tmp_path):
    (tmp_path / "granted").mkdir()
    demo.install(ENDS, link=False)
    wider = {"version": "2.0.0", "permissions": [f"filesystem.read:{tmp_path}/granted"]}
    assert server.try_install(demo.write("two", UNFIT_AND_ENDS_THE_OLD, **wider)).failure
    assert server.call("plugin.show", name="demo")["version"] == "1.0.0"
    assert server.call("plugin.permissions", name="demo")["permissions"] == []


@pytest.mark.escape("files")
def test_a_folder_that_was_moved_is_closed_though_the_next_version_is_not_fit(demo, server, tmp_path):
    """The kernel grants the folder that was there, wherever it is now; so who holds it must end."""
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("content")
    asks = {"permissions": [f"filesystem.read:{tmp_path}/granted"]}
    demo.install(**asks)
    assert server.value("demo", "read", f"{tmp_path}/granted/file") == "content"
    (tmp_path / "granted").rename(tmp_path / "moved")
    (tmp_path / "granted").mkdir()
    demo.write("two", UNFIT, **asks)
    assert server.value("demo", "read", f"{tmp_path}/moved/file") is False
