"""Where secrets are kept, and that each is found again or known to be lost, whatever fails."""

from __future__ import annotations

import json

import pytest

from yesman.host.secret_store import SecretStore
from yesman.model.errors import NeedsConfigError, PlatformError, VerificationError
from yesman.model.home import Home


class Memory:
    """A keyring in memory: ``there`` or not, ``locked`` or not, and what it was asked."""

    def __init__(self, *, there=True, locked=False):
        self.there, self.locked, self.asked, self.texts = there, locked, [], {}

    def _ask(self, verb):
        self.asked.append(verb)
        if self.locked:
            raise PlatformError("the keyring refuses: KeyringLocked")

    async def store(self, name, value):
        self._ask("store")
        if self.there:
            self.texts[name] = value
        return self.there

    async def load(self, name):
        self._ask("load")
        if name not in self.texts:
            raise VerificationError("the keyring no longer has the secret")
        return self.texts[name]

    async def delete(self, name):
        self._ask("delete")
        self.texts.pop(name, None)
        return self.there


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


async def test_without_a_keyring_it_is_sealed_in_a_file(home):
    name = await SecretStore(home).keep("demo", "token", "hunter2-hunter2")
    assert "hunter2" not in home.secrets.read_text()
    assert home.secrets.stat().st_mode & 0o777 == 0o600
    assert await SecretStore(home).value(name) == "hunter2-hunter2"


@pytest.mark.parametrize("value", ["text", "zwölf\n", 12, 1.5, True, ["a", "b"]])
async def test_every_kind_of_setting_can_be_a_secret(home, value):
    name = await SecretStore(home).keep("demo", "token", value)
    assert await SecretStore(home).value(name) == value


async def test_with_a_keyring_the_file_only_says_so(home):
    keyring = Memory()
    name = await SecretStore(home, keyring).keep("demo", "token", "hunter2")
    assert json.loads(home.secrets.read_text()) == {name: {"kept_in": "keyring"}}
    assert not home.secrets_key.exists()
    assert await SecretStore(home, keyring).value(name) == "hunter2"


async def test_a_keyring_is_asked_once_for_each_secret(home):
    keyring = Memory()
    name = await SecretStore(home, keyring).keep("demo", "token", "hunter2")
    store = SecretStore(home, keyring)
    assert [await store.value(name) for _ in range(3)] == ["hunter2"] * 3
    assert keyring.asked.count("load") == 1


async def test_a_keyring_that_says_it_is_none_leaves_it_to_the_file(home):
    name = await SecretStore(home, Memory(there=False)).keep("demo", "token", "hunter2")
    assert await SecretStore(home).value(name) == "hunter2"


async def test_a_locked_keyring_is_an_error_and_nothing_is_put_elsewhere(home):
    with pytest.raises(PlatformError, match="KeyringLocked"):
        await SecretStore(home, Memory(locked=True)).keep("demo", "token", "hunter2")
    assert not home.secrets_key.exists()


async def test_a_locked_keyring_does_not_keep_a_secret_in_plain_settings(home):
    store = SecretStore(home, Memory(locked=True))
    name = await store.keep("demo", "token", "hunter2", anywhere=True)
    assert await SecretStore(home).value(name) == "hunter2"


async def test_the_file_knows_a_secret_before_the_keyring_does(home):
    class Killed(Memory):
        async def store(self, name, value):
            await super().store(name, value)
            raise KeyboardInterrupt

    keyring = Killed()
    with pytest.raises(KeyboardInterrupt):
        await SecretStore(home, keyring).keep("demo", "token", "hunter2")
    assert keyring.texts
    await SecretStore(home, keyring).forget_but(())
    assert not keyring.texts


async def test_what_nobody_refers_to_is_forgotten_and_the_key_with_the_last(home):
    store = SecretStore(home)
    one, two = [await store.keep("demo", "token", "hunter2") for _ in "ab"]
    await store.forget_but({two})
    assert list(json.loads(home.secrets.read_text())) == [two]
    await store.forget_but(())
    assert not home.secrets.exists()
    assert not home.secrets_key.exists()
    with pytest.raises(NeedsConfigError):
        await store.value(one)


async def test_what_a_locked_keyring_keeps_is_forgotten_when_it_is_open(home):
    keyring = Memory()
    store = SecretStore(home, keyring)
    await store.keep("demo", "token", "hunter2")
    keyring.locked = True
    await store.forget_but(())
    assert home.secrets.exists()
    keyring.locked = False
    await store.forget_but(())
    assert not keyring.texts
    assert not home.secrets.exists()


async def test_a_lost_secret_names_what_to_set_again(home):
    keyring = Memory()
    name = await SecretStore(home, keyring).keep("demo", "api-key", "hunter2")
    keyring.texts.clear()
    with pytest.raises(NeedsConfigError) as caught:
        await SecretStore(home, keyring).value(name)
    assert caught.value.next_step == "Set it again: yesman plugin config demo api-key"
    with pytest.raises(NeedsConfigError, match="'api-key' of plugin 'demo'"):
        await SecretStore(home).value(name)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": {"kept_in": "sky"}}'])
def test_a_damaged_file_is_refused_and_kept(home, content):
    home.secrets.write_bytes(content)
    with pytest.raises(VerificationError, match=r"plugin_secrets\.json"):
        SecretStore(home)
    assert home.secrets.read_bytes() == content
