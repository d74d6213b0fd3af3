"""The root changes hands, and clients follow from the root that they know."""

from __future__ import annotations

import pytest
from registered.making import index

from yesman.model.errors import UsageError, VerificationError
from yesman.trust import client as client_module
from yesman.trust.keys import KeyFolder, public
from yesman.trust.limits import LIMITS, Limits
from yesman.trust.roots import draft_root, newest_root, publish_root, sign_root


def test_clients_follow_through_several_roots(operator, client):
    for count, threshold in ((3, 2), (5, 3), (1, 1), (2, 2)):
        operator.ceremony().change_root_keys(count, threshold)
        operator.ceremony().change_keys(operator.online, ("timestamp", "targets"))
    assert newest_root(operator.memory, operator.root).version == 9
    client.refresh()
    assert client.index_of("diary") == index()
    assert operator.client("fresh").index_of("diary") == index()


def test_holders_sign_in_turn(operator, client):
    holders = operator.offline.signers("root")
    draft = draft_root(newest_root(operator.memory, operator.root), operator.now, {})
    once = sign_root(draft, holders[:1])
    with pytest.raises(VerificationError, match="root was signed by 1/2 keys"):
        publish_root(operator.memory, operator.root, once)
    assert "metadata/2.root.json" not in operator.memory.files
    publish_root(operator.memory, operator.root, sign_root(once, holders[1:2]))
    client.refresh()
    with pytest.raises(VerificationError, match="expected root version 3, got 2"):
        publish_root(operator.memory, operator.root, sign_root(once, holders))


def test_new_root_keys_alone_are_not_enough(operator, client):
    new = KeyFolder(operator.folder / "new")
    signers = [new.make("root") for _ in range(3)]
    root = newest_root(operator.memory, operator.root)
    draft = draft_root(root, operator.now, {"root": public(signers)})
    forged = sign_root(draft, signers)
    with pytest.raises(VerificationError, match="root was signed by 0/2 keys"):
        publish_root(operator.memory, operator.root, forged)
    operator.memory.files["metadata/2.root.json"] = forged
    with pytest.raises(VerificationError, match=r"2.root.json is signed by too few"):
        client.refresh()


def test_the_new_ones_must_sign_too(operator):
    new = KeyFolder(operator.folder / "new")
    draft = draft_root(
        newest_root(operator.memory, operator.root), operator.now, {"root": public([new.make("root")])}, 1
    )
    with pytest.raises(VerificationError, match="root was signed by 0/1 keys"):
        publish_root(operator.memory, operator.root, sign_root(draft, operator.offline.signers("root")))


@pytest.mark.parametrize(("count", "threshold"), [(1, 2), (3, 4), (2, -1)])
def test_a_root_that_nobody_could_sign_is_not_made(operator, count, threshold):
    with pytest.raises(UsageError, match="cannot sign a root"):
        operator.ceremony().change_root_keys(count, threshold)


def test_more_roots_than_anybody_needs_are_not_followed(operator, monkeypatch):
    for _ in range(4):
        operator.ceremony().renew_root()
    operator.client("enough").refresh()
    monkeypatch.setattr(client_module, "LIMITS", Limits(roots=3))
    with pytest.raises(VerificationError, match="changed more than"):
        operator.client("few").refresh()
    assert LIMITS.roots == 256
