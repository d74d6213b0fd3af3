"""Secrets on a machine without a keyring: what becomes of them as plugins come, change and go."""

from __future__ import annotations

import json
import os
import random
import secrets
import time
from pathlib import Path

import pytest

SEED = os.environ.get("YESMAN_TEST_SEED") or secrets.token_hex(4)
TOKEN = {"properties": {"token": {"type": "string"}, "branch": {"type": "string"}}}
TELL = {"tell": "return [self.context.config.get('token'), self.context.config.get('branch')]"}
BOTH = {"token": "hunter2", "branch": "main"}


def plain(server):
    """Return the settings that are in the clear, and how many there are; None in the middle of a change."""
    values, *more = json.loads(server.home.settings.read_text()).values()
    return None if more else ({k: v for k, v in values.items() if isinstance(v, str)}, len(values))


def entries(server):
    return json.loads(server.home.secrets.read_text()) if server.home.secrets.exists() else {}


@pytest.fixture
def demo(cold, plugins):
    """A server with a plugin that has a secret and a plain setting."""
    cold.start()
    cold.install(plugins.make(commands=TELL, config=TOKEN), config=BOTH)
    return cold


def test_the_plugin_sees_what_nobody_else_does(demo):
    assert demo.value("demo", "tell") == ["hunter2", "main"]
    assert plain(demo) == ({"branch": "main"}, 2)
    for method in ("plugin.show", "plugin.config"):
        answer = demo.call(method, name="demo")
        assert (answer["config"], answer["secrets"]) == ({"branch": "main"}, {"token": True})


def test_it_is_there_after_a_kill(demo):
    demo.kill()
    demo.start()
    assert demo.value("demo", "tell") == ["hunter2", "main"]


def test_an_update_from_the_same_folder_keeps_it(demo, plugins):
    folder = plugins.make(commands=TELL, config=TOKEN, version="2.0.0")
    demo.install(folder)
    assert demo.value("demo", "tell") == ["hunter2", "main"]


def test_an_update_does_not_bring_it_into_the_open(demo, plugins):
    told = {"properties": {"token": {"type": "string", "secret": False}, "branch": {"type": "string"}}}
    demo.install(plugins.make(commands=TELL, config=told, version="2.0.0"))
    assert demo.call("plugin.config", name="demo")["secrets"] == {"token": True}
    assert plain(demo) == ({"branch": "main"}, 2)
    assert demo.value("demo", "tell") == ["hunter2", "main"]


def test_an_update_that_makes_a_setting_secret_puts_it_away(demo, plugins):
    told = {"properties": {"token": {"type": "string"}, "branch": {"type": "string", "secret": True}}}
    demo.install(plugins.make(commands=TELL, config=told, version="2.0.0"))
    assert plain(demo) == ({}, 2)
    assert demo.value("demo", "tell") == ["hunter2", "main"]


@pytest.mark.escape("environment")
@pytest.mark.parametrize("secret", [None, False])
def test_a_plugin_of_the_same_name_from_elsewhere_does_not_get_it(demo, plugins, tmp_path, secret):
    told = {"type": "string"} | ({} if secret is None else {"secret": secret})
    other = type(plugins)(tmp_path / "elsewhere")
    folder = other.make(commands=TELL, config={"properties": {**TOKEN["properties"], "token": told}})
    done = demo.install(folder, replace=True)
    assert done["warnings"] == ["this plugin does not get the 'token' of the one before"]
    assert demo.value("demo", "tell") == [None, "main"]
    assert entries(demo) == {}


def test_what_the_newcomer_needs_is_asked_for_again(demo, plugins, tmp_path):
    need = {"properties": {"token": {"type": "string", "required": True}}}
    folder = type(plugins)(tmp_path / "elsewhere").make(commands=TELL, config=need)
    assert demo.inspect(folder)["missing_config"] == ["token"]
    assert demo.install(folder, replace=True)["state"] == "needs-config"
    failure = demo.explained(demo.run("demo", "tell"))
    assert failure["next_step"] == "Set it: yesman plugin config demo token"


@pytest.mark.parametrize("purge", [True, False])
def test_nothing_of_it_stays_when_the_plugin_is_removed(demo, plugins, purge):
    demo.call("plugin.remove", name="demo", purge=purge)
    assert not demo.home.secrets.exists()
    assert not demo.home.secrets_key.exists()
    demo.install(plugins.make(commands=TELL, config=TOKEN))
    assert demo.value("demo", "tell") == [None, None]


def test_nothing_of_it_stays_when_it_is_unset_or_the_plugin_is_not_installed(demo, plugins):
    broken = plugins.make("other", main="raise ValueError", config=TOKEN)
    assert demo.try_install(broken, config=BOTH).failure
    assert len(entries(demo)) == 1
    demo.call("plugin.config", name="demo", unset=["token"])
    assert entries(demo) == {}
    assert demo.value("demo", "tell") == [None, "main"]


def test_a_key_that_is_lost_is_said_and_mended_by_setting_it_again(demo):
    demo.kill()
    demo.home.secrets_key.unlink()
    demo.start()
    failure = demo.explained(demo.run("demo", "tell"))
    assert failure["next_step"] == "Set it again: yesman plugin config demo token"
    demo.call("plugin.config", name="demo", set={"token": "hunter3"})
    assert demo.value("demo", "tell") == ["hunter3", "main"]


def test_a_plugin_that_logs_its_secret_by_accident_does_not_spread_it(cold, plugins):
    cold.start()
    log = {"log": "self.context.logger.error('got %s', dict(self.context.config))"}
    given = {"token": "hunter2-hunter2", "branch": "main-and-more"}
    cold.install(plugins.make(commands=log, config=TOKEN), config=given)
    cold.value("demo", "log")
    text = (cold.home.plugin_logs / "demo.log").read_text()
    assert ("hunter2" in text, "main-and-more" in text) == (False, True)


LONG = "hunter2-hunter2"
CARELESS = {
    "log": "self.logger.info(self.context.config['token'])",
    "fail": "raise RuntimeError(f\"no luck with {self.context.config['token']}\")",
}


def test_a_failure_that_quotes_a_secret_does_not_spread_it(cold, plugins):
    cold.start()
    cold.install(plugins.make(commands=CARELESS, config=TOKEN), config={"token": LONG})
    failure = cold.run("demo", "fail").failure
    assert failure["message"].partition(" (src/main.py:")[0].endswith("RuntimeError: no luck with (secret)")
    assert "(secret)" in failure["traceback"]
    assert LONG not in json.dumps(failure)


def test_a_start_that_quotes_a_secret_does_not_spread_it(cold, plugins):
    cold.start()
    folder = plugins.make(commands=CARELESS, config=TOKEN)
    cold.install(folder, config={"token": LONG})
    main = folder / "src" / "main.py"
    main.write_text(f"{main.read_text()}\n    def initialize(self):\n        {CARELESS['fail']}\n")
    answer = cold.try_install(folder)
    assert "(secret)" in json.dumps(answer.failure or answer.value)
    shown = (answer, cold.call("plugin.list"), cold.call("plugin.show", name="demo"))
    assert LONG not in str(shown)


def test_what_was_put_away_is_no_less_secret_after_an_update_that_says_so(cold, plugins):
    cold.start()
    cold.install(plugins.make(commands=CARELESS, config=TOKEN), config={"token": LONG})
    told = {"properties": {"token": {"type": "string", "secret": False}}}
    cold.install(plugins.make(commands=CARELESS, config=told, version="2.0.0"))
    cold.kill()  # what the log knew goes with the server
    cold.start()
    cold.value("demo", "log")
    log = (cold.home.plugin_logs / "demo.log").read_text()
    assert "(secret)" in log
    assert LONG not in log


@pytest.mark.escape("environment")
def test_another_plugin_opens_neither_the_secrets_nor_their_key(demo, plugins):
    files = [str(demo.home.secrets), str(demo.home.secrets_key), str(demo.home.settings)]
    look = f"""for path in {files}:
    try: self.note(open(path).read())
    except PermissionError: self.note("refused")"""
    near = demo.home.root.parent
    demo.install(plugins.make("spy", commands={"look": look}, permissions=[f"filesystem.read:{near}/spied"]))
    demo.value("spy", "look")
    assert (demo.data("spy") / "notes").read_text() == "refused\n" * 3
    assert all(Path(path).read_text() for path in files)  # this process, without a sandbox, may


# --- what earlier versions left


@pytest.fixture
def earlier(cold, plugins):
    """A home in which a version without secrets has left one in plain settings; the server is ended."""
    open_ = {"properties": {"token": {"type": "string", "secret": False}, "branch": {"type": "string"}}}
    cold.start()
    cold.install(plugins.make(commands=TELL, config=open_), config=BOTH)
    cold.kill()
    records = json.loads(cold.home.registry.read_text())
    for row in records["demo"]["manifest"]["config"]["properties"]:
        del row["secret"]
    cold.home.registry.write_text(json.dumps(records))
    assert "hunter2" in cold.home.settings.read_text()
    return cold


def test_a_secret_in_plain_settings_is_put_away_at_the_start(earlier, until):
    earlier.start()
    until(lambda: plain(earlier) == ({"branch": "main"}, 2))
    assert earlier.value("demo", "tell") == ["hunter2", "main"]
    assert [path.name for path in earlier.home.root.glob(".*")] == []


def test_it_is_never_shown_even_before(earlier):
    earlier.start()
    assert "hunter2" not in json.dumps(earlier.call("plugin.show", name="demo"))


def test_killed_at_any_moment_of_that_it_is_in_one_place_or_the_other(earlier, until):
    moments = random.Random(SEED)  # noqa: S311 - moments
    for _ in range(6):
        earlier.start()
        time.sleep(moments.uniform(0, 0.2))  # the moment itself
        earlier.kill()
        held = "hunter2" in earlier.home.settings.read_text()
        assert held or entries(earlier), SEED
    earlier.start()
    until(lambda: plain(earlier) == ({"branch": "main"}, 2))
    until(lambda: len(entries(earlier)) == 1)
    assert earlier.value("demo", "tell") == ["hunter2", "main"], SEED


def test_killed_at_any_moment_of_a_change_it_is_the_old_one_or_the_new(demo, until):
    moments, allowed = random.Random(SEED), {"hunter2"}  # noqa: S311 - moments
    for number in range(8):
        wire = demo.wire()
        wire.send("plugin.config", name="demo", set={"token": f"new{number}"})
        time.sleep(moments.uniform(0, 0.15))  # the moment itself
        demo.kill()
        wire.close()
        demo.start()
        now = demo.value("demo", "tell")[0]
        assert now in {*allowed, f"new{number}"}, SEED
        allowed = {now}
        until(lambda: len(entries(demo)) == 1)
