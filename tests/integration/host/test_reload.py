"""A plugin that is reloaded goes on in a new process: with its state, and without anybody noticing."""

from __future__ import annotations

import pytest

COUNTING = """
    counted = 0

    async def export_state(self):
        return {"counted": self.counted}

    async def import_state(self, state, version):
        self.counted = state["counted"]
        self.note(f"from {version}")
"""
COMMANDS = {
    "count": "self.counted += 1\nreturn self.counted",
    "which": "return (VERSION, os.getpid())",
    "work": "self.note('begun')\nawait asyncio.sleep(float(arg))\nreturn (VERSION, os.getpid())",
    "block": "self.note('begun')\ntime.sleep(float(arg))\nreturn self.counted",
}


class Linked:
    """A plugin whose code is changed."""

    def __init__(self, plugins, server, *, link=True):
        self._plugins = plugins
        self.server = server
        self.write("one")
        server.install(self.folder, link=link)

    def write(self, code, methods=COUNTING, **manifest):
        self.folder = self._plugins.make(commands=COMMANDS, top=f"VERSION = {code!r}", **manifest)
        main = self.folder / "src/main.py"
        main.write_text(main.read_text() + methods)

    def notes(self):
        file = self.server.data("demo") / "notes"
        return file.read_text().split("\n")[:-1] if file.exists() else []


@pytest.fixture
def linked(plugins, server):
    return Linked(plugins, server)


def test_a_reloaded_plugin_runs_its_new_code_in_a_new_process(linked, server):
    _, before = server.value("demo", "which")
    linked.write("two")
    answer = server.call("plugin.reload", name="demo")
    version, pid = server.value("demo", "which")
    assert (version, pid) == ("two", answer["pid"])
    assert pid != before


def test_its_state_goes_on(linked, server):
    assert [server.value("demo", "count") for _ in range(3)] == [1, 2, 3]
    assert server.call("plugin.reload", name="demo")["state"] is True
    assert server.value("demo", "count") == 4
    assert linked.notes() == ["from 1.0.0"]


def test_without_the_methods_it_starts_afresh(linked, server):
    server.value("demo", "count")
    linked.write("two", methods="    counted = 10\n")
    assert server.call("plugin.reload", name="demo")["state"] is False
    assert server.value("demo", "count") == 11


def test_what_was_begun_is_finished_where_it_was_begun(linked, server, until):
    _, before = server.value("demo", "which")
    running = server.begin("demo", "work", "1")
    until(lambda: "begun" in linked.notes())
    linked.write("two")
    assert server.call("plugin.reload", name="demo")["swap_ms"] < 900
    assert server.value("demo", "which")[0] == "two"
    assert running.value() == ["one", before]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("    async def initialize(self):\n        raise ValueError('no way')\n", "no way"),
        ("    def nothing(\n", "is not valid Python"),
        ("    async def health_check(self):\n        return False\n", "says that it is not fit"),
        ("    def health_check(self):\n        raise OSError('no network')\n", "no network"),
        ("    def health_check(self):\n        os._exit(3)\n", "exited with code 3"),
        ("    def import_state(self, state, version):\n        raise KeyError('other')\n", "other"),
    ],
)
def test_a_version_that_is_not_fit_leaves_the_old_one_serving(linked, server, broken, why):
    _, before = server.value("demo", "which")
    server.value("demo", "count")
    linked.write("two", methods=COUNTING + broken)
    assert why in server.refusal("plugin.reload", name="demo")["message"]
    assert server.value("demo", "which") == ["one", before]
    assert server.value("demo", "count") == 2
    assert why in server.call("plugin.show", name="demo")["reason"]


def test_who_runs_a_command_of_it_is_told_that_the_old_version_answers(linked, server):
    server.value("demo", "which")
    linked.write("two", methods="    def nothing(\n")
    answer = server.run("demo", "which")
    assert answer.value[0] == "one"
    assert "the version before answers, because" in answer.progress
    linked.write("three")
    answer = server.run("demo", "which")
    assert (answer.value[0], answer.progress) == ("three", "")


def test_a_version_that_was_not_fit_is_not_tried_again_at_every_use(linked, server):
    server.value("demo", "which")
    broken = "    def initialize(self):\n        self.note('tried')\n        raise ValueError\n"
    linked.write("two", methods=broken)
    for _ in range(5):
        assert server.value("demo", "which")[0] == "one"
    assert linked.notes().count("tried") == 1


def test_an_old_version_that_cannot_hand_its_state_over_does_not_hold_up_the_new_one(linked, server):
    linked.write("one", methods=COUNTING + "    def export_state(self):\n        raise ValueError\n")
    server.value("demo", "count")
    linked.write("two")
    assert server.call("plugin.reload", name="demo")["state"] is False
    assert server.value("demo", "which")[0] == "two"
    assert "starts without the state of this one" in (server.home.plugin_logs / "demo.log").read_text()


STUBBORN = """
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
"""


@pytest.mark.parametrize(("hangs", "crashes"), [("        await asyncio.sleep(60)\n", 0), (STUBBORN, 1)])
def test_an_old_version_that_hangs_at_its_state_does_not_hold_up_the_new_one(linked, server, hangs, crashes):
    linked.write("one", COUNTING + "    async def export_state(self):\n" + hangs)
    server.value("demo", "count")
    linked.write("two")
    assert server.call("plugin.reload", name="demo")["state"] is False
    assert server.value("demo", "which")[0] == "two"
    assert len(server.call("plugin.show", name="demo")["crashes"]) == crashes


def test_a_new_version_that_hangs_at_the_state_does_not_take_over(linked, server):
    server.value("demo", "count")
    linked.write(
        "two",
        COUNTING + "    async def import_state(self, state, version):\n        await asyncio.sleep(60)\n",
    )
    assert (
        "did not finish 'import' within 2 seconds" in server.refusal("plugin.reload", name="demo")["message"]
    )
    assert server.value("demo", "count") == 2
    assert server.value("demo", "which")[0] == "one"


def test_one_that_is_busy_keeps_its_place_and_its_state(linked, server, until):
    server.value("demo", "count")
    running = server.begin("demo", "block", "4")
    until(lambda: "begun" in linked.notes())
    linked.write("two")
    assert "is busy" in server.refusal("plugin.reload", name="demo")["message"]
    assert running.value() == 1
    assert server.call("plugin.reload", name="demo")["state"] is True
    assert server.value("demo", "count") == 2


def test_an_update_takes_over_from_the_version_before(plugins, server):
    installed = Linked(plugins, server, link=False)
    server.value("demo", "count")
    installed.write("two", version="2.0.0")
    server.install(installed.folder)
    assert server.value("demo", "which") == ["two", server.plugin_pid()]
    assert server.value("demo", "count") == 2
    assert installed.notes() == ["from 1.0.0"]


def test_an_update_that_is_not_fit_is_undone(plugins, server):
    installed = Linked(plugins, server, link=False)
    _, before = server.value("demo", "which")
    installed.write("two", "    def health_check(self):\n        return False\n", version="2.0.0")
    failure = server.explained(server.try_install(installed.folder))
    assert "is not fit" in failure["message"]
    assert server.value("demo", "which") == ["one", before]
    assert server.call("plugin.show", name="demo")["version"] == "1.0.0"
    server.kill()
    assert server.start() is None
    assert server.value("demo", "which")[0] == "one"


def test_a_plugin_without_a_process_is_started(linked, server):
    server.call("plugin.disable", name="demo")
    assert "disabled" in server.refusal("plugin.reload", name="demo")["message"]
    server.call("plugin.enable", name="demo")
    answer = server.call("plugin.reload", name="demo")
    assert answer["pid"] == server.plugin_pid()


def test_files_that_are_as_they_were_are_no_version_that_was_not_fit(linked, server):
    server.value("demo", "which")
    before = (linked.folder / "src/main.py").read_text()
    linked.write("two", methods="    def nothing(\n")
    assert "the version before answers" in server.run("demo", "which").progress
    (linked.folder / "src/main.py").write_text(before)
    assert server.run("demo", "which").progress == ""
    assert server.call("plugin.show", name="demo")["reason"] == ""


def test_what_changed_code_contributes_is_known_at_once(linked, server, until):
    server.value("demo", "which")
    main = linked.folder / "src/main.py"
    main.write_text(main.read_text().replace('"--arg"', '"--argument"'))
    server.run("demo", "which")
    until(lambda: "--argument" in server.home.registry.read_text())
