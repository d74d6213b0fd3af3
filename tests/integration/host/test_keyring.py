"""Secrets in a keyring: a real third-party backend, chosen by keyring's own configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from yesman.host import os_keyring
from yesman.host.os_keyring import OsKeyring
from yesman.host.user_config import ConfigFile
from yesman.model.errors import PlatformError, VerificationError

BACKENDS = Path(__file__).with_name("keyrings")
TOKEN = {"properties": {"token": {"type": "string"}, "branch": {"type": "string"}}}
TELL = {"tell": "return self.context.config.get('token')"}


@pytest.fixture
def kept(environ, tmp_path):
    """The user's keyring as it is in its file, by name."""
    config = tmp_path / "xdg" / "python_keyring" / "keyringrc.cfg"
    config.parent.mkdir(parents=True)
    config.write_text(f"[backend]\ndefault-keyring = filed.Keyring\nkeyring-path = {BACKENDS}\n")
    environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    file = Path(environ["HOME"]) / "keyring.json"
    return lambda: json.loads(file.read_text()) if file.exists() else {}


@pytest.fixture
def mode(environ):
    return (Path(environ["HOME"]) / "keyring.mode").write_text


@pytest.fixture
def keyring(kept, environ, tmp_path):
    return OsKeyring("yesman test", environ, ConfigFile(tmp_path / "config.yaml"))


async def test_it_keeps_gives_back_and_forgets(keyring, kept):
    assert await keyring.store("demo/token/1", "hunter2\u00e9")
    assert kept() == {"yesman test|demo/token/1": "hunter2\u00e9"}
    assert await keyring.load("demo/token/1") == "hunter2\u00e9"
    assert await keyring.delete("demo/token/1")
    assert kept() == {}
    assert await keyring.delete("demo/token/1")
    with pytest.raises(VerificationError):
        await keyring.load("demo/token/1")


async def test_no_secret_is_on_the_command_line_or_in_the_environment_of_who_asks(keyring, environ):
    await keyring.store("demo/token/1", "hunter2")
    seen = (Path(environ["HOME"]) / "keyring.seen").read_bytes()
    assert b"keyring_program.py" in seen
    assert f"HOME={environ['HOME']}".encode() in seen
    assert b"hunter2" not in seen


@pytest.mark.parametrize("wrong", ["locked", "forgets", "hangs"])
async def test_one_that_does_not_keep_is_an_error_without_the_secret(keyring, mode, wrong, monkeypatch):
    if wrong == "hangs":
        monkeypatch.setattr(os_keyring, "PATIENCE_SECONDS", 2.0)
    mode(wrong)
    with pytest.raises(PlatformError, match="the keyring") as caught:
        await keyring.store("demo/token/1", "hunter2")
    assert "hunter2" not in str(caught.value)
    assert "secrets: file" in caught.value.next_step


async def test_what_a_backend_prints_is_no_answer(keyring, mode):
    mode("talks")
    assert await keyring.store("demo/token/1", "hunter2")
    assert await keyring.load("demo/token/1") == "hunter2"


@pytest.mark.parametrize("backend", ["null", "fail"])
async def test_without_a_keyring_that_is_said(environ, tmp_path, backend):
    environ["PYTHON_KEYRING_BACKEND"] = f"keyring.backends.{backend}.Keyring"
    keyring = OsKeyring("yesman test", environ, ConfigFile(tmp_path / "config.yaml"))
    assert await keyring.store("demo/token/1", "hunter2") is False
    with pytest.raises(PlatformError):
        await keyring.load("demo/token/1")
    assert await keyring.delete("demo/token/1") is False


async def test_a_user_who_wants_none_is_not_asked_by_one(keyring, kept, tmp_path):
    (tmp_path / "config.yaml").write_text("secrets: file\n")
    assert await keyring.store("demo/token/1", "hunter2") is False
    assert kept() == {}


def test_a_plugin_gets_its_secret_from_the_keyring_across_restarts(kept, cold, plugins):
    cold.start()
    cold.install(plugins.make(commands=TELL, config=TOKEN), config={"token": "hunter2", "branch": "main"})
    assert cold.value("demo", "tell") == "hunter2"
    assert list(kept().values()) == ['"hunter2"']
    assert not cold.home.secrets_key.exists()
    cold.kill()
    cold.start()
    assert cold.value("demo", "tell") == "hunter2"


def test_a_new_value_replaces_the_old_and_removing_deletes_it(kept, server, plugins):
    server.install(plugins.make(commands=TELL, config=TOKEN), config={"token": "hunter2"})
    server.call("plugin.config", name="demo", set={"branch": "x"})
    (name,) = kept()
    server.call("plugin.config", name="demo", set={"token": "hunter3"})
    assert list(kept().values()) == ['"hunter3"']
    assert name not in kept()
    server.call("plugin.remove", name="demo", purge=True)
    assert kept() == {}


def test_a_locked_keyring_changes_nothing(kept, mode, server, plugins):
    server.install(plugins.make(commands=TELL, config=TOKEN), config={"token": "hunter2"})
    mode("locked")
    failure = server.refusal("plugin.config", name="demo", set={"token": "hunter3"})
    assert "KeyringLocked" in failure["message"]
    assert "hunter3" not in json.dumps(failure)
    assert server.value("demo", "tell") == "hunter2"
    mode("")
    server.call("plugin.config", name="demo", set={"branch": "x"})
    assert list(kept().values()) == ['"hunter2"']


def test_a_secret_deleted_from_the_keyring_has_to_be_set_again(kept, cold, environ, plugins):
    cold.start()
    cold.install(plugins.make(commands=TELL, config=TOKEN), config={"token": "hunter2"})
    cold.kill()
    (Path(environ["HOME"]) / "keyring.json").unlink()
    cold.start()
    failure = cold.explained(cold.run("demo", "tell"))
    assert (failure["kind"], failure["next_step"]) == (
        "needs-config",
        "Set it again: yesman plugin config demo token",
    )
    cold.call("plugin.config", name="demo", set={"token": "hunter3"})
    assert cold.value("demo", "tell") == "hunter3"
