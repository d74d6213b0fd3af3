"""Publishing: what it writes and leaves alone, who comes first, and a storage that lies."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from registered.making import NOW, SMALL, bin_of, claim, index, release
from registered.memory import MemoryStorage
from registered.thief import Thief

from yesman.model.errors import UsageError, VerificationError
from yesman.trust.drafting import CollisionError
from yesman.trust.founding import Shape, found
from yesman.trust.index import Revocations
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository
from yesman.trust.roots import replace_keys


def test_publishing_writes_one_bin_and_nothing_that_was_there(operator):
    before = dict(operator.memory.files)
    operator.repository.publish(index("diary", "1.0", "2.0"))
    new = {path for path in operator.memory.files if path not in before}
    changed = {path for path, content in before.items() if operator.memory.files[path] != content}
    assert changed == {"metadata/timestamp.json"}
    assert new == {operator.present("snapshot"), operator.present(bin_of("diary")), operator.index_path()}


def test_several_plugins_are_published_at_once(operator, client):
    names = [f"plugin-{number}" for number in range(20)]
    before = operator.version("snapshot")
    operator.repository.publish(*map(index, names))
    client.refresh()
    assert [client.index_of(name) for name in names] == list(map(index, names))
    assert operator.version("snapshot") == before + 1


def test_of_two_writers_one_is_told_and_nothing_of_it_is_published(operator, client):
    first, second = operator.writer(operator.online), operator.writer(operator.online)
    storage = Meanwhile(operator.memory, lambda: first.publish(index("other")))
    late = Repository(storage, operator.online, operator.root, lambda: operator.now)
    with pytest.raises(CollisionError, match="somebody else has published at the same moment"):
        late.publish(index("diary", "2.0"))
    client.refresh()
    assert (client.index_of("diary"), client.index_of("other")) == (index(), index("other"))
    late.publish(index("diary", "2.0"))
    second.publish(index("third"))
    client.refresh()
    assert [client.index_of(name) for name in ("diary", "other", "third")] == [
        index("diary", "2.0"),
        index("other"),
        index("third"),
    ]


class Meanwhile(MemoryStorage):
    """Somebody else's storage, where something happens just before the timestamp is replaced, once."""

    def __init__(self, memory, act):
        super().__init__()
        self.files, self._act = memory.files, act

    def replace(self, path, content, tag):
        act, self._act = self._act, lambda: None
        act()
        return super().replace(path, content, tag)


def test_an_index_that_clients_would_refuse_is_not_published(operator):
    before = dict(operator.memory.files)
    for wrong in (release(length=-1), release(sha256="short"), release(description="long " * 200)):
        with pytest.raises(VerificationError):
            operator.repository.publish(index("other"), replace(index(), releases=(wrong,)))
    assert operator.memory.files["metadata/timestamp.json"] == before["metadata/timestamp.json"]


def test_a_bin_that_was_slipped_into_the_storage_is_not_built_on(operator):
    role = bin_of("diary")
    path = operator.present(role)
    honest = operator.memory.files[path]
    operator.memory.files[path] = honest.replace(b'"length":', b'"length":1')
    fresh = operator.writer(operator.online)
    with pytest.raises(VerificationError, match=f"{role}.json is signed by too few"):
        fresh.publish(index("diary", "2.0"))
    operator.memory.files[path] = honest
    fresh.publish(index("diary", "2.0"))


def test_a_storage_that_goes_back_is_not_built_on(operator):
    old = operator.memory.copy().files
    operator.repository.publish(index("diary", "2.0"))
    present = operator.memory.files
    operator.memory.files = old
    with pytest.raises(VerificationError, match="the storage gives an older state"):
        operator.repository.publish(index("diary", "3.0"))
    operator.memory.files = present
    operator.repository.publish(index("diary", "3.0"))


def test_files_that_strangers_leave_are_passed_over(operator, client):
    role = bin_of("diary")
    number = operator.version(role) + 1
    operator.memory.files[f"metadata/{number}.{role}.json"] = b"junk"
    operator.memory.files[f"metadata/{operator.version('claims') + 1}.claims.json"] = b"junk"
    operator.repository.publish(index("diary", "2.0"))
    operator.ceremony().claim(claim())
    operator.repository.refresh()
    client.refresh()
    assert (client.index_of("diary"), client.claims_of("diary")) == (index("diary", "2.0"), claim())


@pytest.mark.parametrize("role", ["claims", "index"])
def test_delegations_that_do_not_fit_what_there_is_are_not_taken_over(operator, client, role):
    new = KeyFolder(operator.folder / "new").make(role).public_key

    def change(signed):
        replace_keys(signed, role, [new])

    Thief(operator, operator.offline).edit("targets", change, "targets", seal=False)
    with pytest.raises(VerificationError, match=f"{role}.json is signed by too few"):
        operator.repository.refresh()
    operator.repository.publish(index("diary", "2.0"))
    client.refresh()
    assert (client.index_of("diary"), client.claims_of("diary")) == (index("diary", "2.0"), None)


def test_a_claim_leaves_others_in_place(operator, client):
    names = [f"plugin-{number}" for number in range(300)]
    operator.ceremony().claim(*map(claim, names))
    operator.ceremony().claim(claim("one-more"))
    operator.repository.refresh()
    client.refresh()
    assert {client.claims_of(name).name for name in [*names, "one-more"]} == {*names, "one-more"}
    assert client.claims_of("nobodys") is None


def test_refreshing_keeps_everything_in_date_for_years(operator):
    for _ in range(1000):
        operator.later(days=1)
        if operator.now.day == 1:
            operator.ceremony().renew()
        operator.repository.refresh()
    for role in ("bin-0", "bin-1", "bin-2", "bin-3", "claims", "index", "targets", "revocations"):
        expires = operator.signed(operator.present(role))["expires"]
        assert expires > f"{operator.now:%Y-%m-%dT%H:%M:%SZ}"
    assert 4 < operator.version("bin-0") < 9, "control: and not more often than need be"


def test_a_refresh_of_what_is_in_date_writes_the_timestamp_alone(operator):
    before = set(operator.memory.files)
    operator.repository.refresh()
    assert set(operator.memory.files) == before
    operator.later(hours=13)
    operator.repository.refresh()
    assert operator.version("snapshot") == 3
    assert operator.repository.revoke(Revocations()) is None


def test_a_second_registry_in_the_same_place_is_refused(operator, tmp_path):
    with pytest.raises(UsageError, match="there is a registry already"):
        found(operator.memory, operator.offline, operator.online, NOW, SMALL)
    del operator.memory.files["metadata/timestamp.json"]
    with pytest.raises(UsageError, match="is another registry's"):
        found(operator.memory, KeyFolder(tmp_path / "a"), KeyFolder(tmp_path / "b"), NOW, SMALL)
    with pytest.raises(UsageError, match="cannot sign a root"):
        found(MemoryStorage(), operator.offline, operator.online, NOW, Shape(root_keys=1))
