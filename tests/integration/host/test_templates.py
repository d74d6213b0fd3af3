"""Plugins with heavy imports are forked from a template, and nobody can tell but by the time it takes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from yesman.sandbox import family

HEAVY = "import time\ntime.sleep(0.3)"
COMMANDS = {
    "which": "return (VERSION, os.getpid(), heavy.VERSION)",
    "die": "os._exit(3)",
    "read": "return open(arg).read()",
}


class Heavy:
    """A linked plugin that imports something that takes long."""

    def __init__(self, plugins, server, wheel):
        self._plugins, self.server = plugins, server
        self._wheel = wheel

    def write(self, code="one", top="", **manifest):
        top = f"import heavy\nVERSION = {code!r}\n{top}"
        folder = self._plugins.make(commands=COMMANDS, top=top, **manifest)
        (folder / "requirements.txt").write_text("heavy\n")
        return folder

    def install(self, body=HEAVY, **manifest):
        self._wheel("heavy", body=body)
        self.server.install(self.write(**manifest), link=True)
        return self.server.value("demo", "which")[1]

    def processes(self):
        """Return the pids of everything of the plugin's: its process and its template."""
        names = {pid: _name(pid) for pid in _children_of(self.server)}
        return {name: [pid for pid in names if names[pid] == name] for name in ("yp:demo", "yt:demo")}

    def template(self):
        return self.processes()["yt:demo"]

    def log(self):
        return (self.server.home.plugin_logs / "demo.log").read_text()


def _children_of(server):
    zygote = server.call("server.status")["zygote"]
    everybody = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in everybody if family.parent(pid) == zygote]


def _name(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


@pytest.fixture
def heavy(plugins, server, wheel):
    return Heavy(plugins, server, wheel)


def test_a_later_start_does_not_import_again(heavy, server, until):
    heavy.install()
    until(lambda: server.call("plugin.reload", name="demo")["template"])
    heavy.write("two")
    assert server.call("plugin.reload", name="demo")["load_ms"] < 300
    assert server.value("demo", "which")[0] == "two"


def test_one_that_crashed_is_started_from_it(heavy, server, until):
    heavy.install()
    until(lambda: server.call("plugin.reload", name="demo")["template"])
    first = server.plugin_pid()
    assert server.run("demo", "die").failure["message"].endswith("exited with code 3 while running 'die'")
    version, second, imported = server.value("demo", "which")
    assert (version, imported) == ("one", "1.0")
    assert second != first
    assert family.parent(second) == server.call("server.status")["zygote"]
    assert len(heavy.template()) == 1


def test_a_light_plugin_has_none(heavy, server):
    heavy.install(body="")
    server.value("demo", "which")
    assert heavy.template() == []


@pytest.mark.parametrize("end", ["plugin.disable", "plugin.remove"])
def test_it_ends_with_the_plugin(heavy, server, until, end):
    heavy.install()
    until(heavy.template)
    server.call(end, name="demo")
    until(lambda: heavy.processes() == {"yp:demo": [], "yt:demo": []})


@pytest.mark.escape("processes")
def test_a_revocation_ends_it_too(heavy, server, until, tmp_path):
    """What it was confined by cannot be narrowed, so nothing may be forked from it any more."""
    (tmp_path / "granted").mkdir()
    (tmp_path / "granted/file").write_text("content")
    granted = f"filesystem.read:{tmp_path}/granted"
    heavy.install(permissions=[granted])
    until(heavy.template)
    assert server.value("demo", "read", f"{tmp_path}/granted/file") == "content"
    server.call("plugin.revoke", name="demo", permissions=[granted])
    assert heavy.processes() == {"yp:demo": [], "yt:demo": []}
    failure = server.explained(server.run("demo", "read", f"{tmp_path}/granted/file"))
    assert f"lacks permission '{granted}" in failure["message"]


def test_a_template_that_dies_is_no_crash_of_the_plugin(heavy, server, until):
    pid = heavy.install()
    (template,) = until(heavy.template)
    os.kill(template, signal.SIGKILL)
    until(lambda: heavy.template() == [])
    assert server.value("demo", "which")[1] == pid
    assert server.call("plugin.show", name="demo")["crashes"] == []
    assert server.call("plugin.reload", name="demo")["pid"] != pid


THREADS = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
PARTICULAR = "import os\nhome = os.getpid()"


def test_imports_that_start_threads_are_not_forked(heavy, server, until):
    heavy.install(body=f"{HEAVY}\n{THREADS}")
    until(lambda: "starts threads" in heavy.log())
    assert server.call("plugin.reload", name="demo")["template"] is False
    assert heavy.log().count("without a template") == 1


def test_a_plugin_that_does_not_get_along_with_a_fork_is_started_whole(heavy, server, until):
    heavy.install(
        body=f"{HEAVY}\n{PARTICULAR}",
        top="import os\nif heavy.home != os.getpid(): raise OSError(heavy.home)",
    )
    until(heavy.template)
    until(lambda: server.call("plugin.reload", name="demo") and "without a template" in heavy.log())
    assert server.value("demo", "which")[0] == "one"
    assert heavy.template() == []
