"""A storage that gives back other bytes than it was given is found out, by the server and by clients."""

from __future__ import annotations

import http.client
import json

import pytest

from yesman.marketplace.storage import package_path


def spoil(market, path: str, content: bytes) -> None:
    stored = market.objects.read(path, 1 << 30)
    assert market.objects.replace(path, content, stored.tag)


@pytest.fixture
def published(own, tmp_path):
    own.start()
    author = own.author("honest")
    signed = author.make(tmp_path, "spoilt")
    assert own.publish(author, signed).status == 201
    return own, author, signed


@pytest.mark.parametrize("how", ["changed", "cut", "longer"])
def test_a_damaged_package_is_never_given_whole(published, how):
    market, _, signed = published
    path = f"/packages/{signed.sha256}.yplug"
    assert market.get(path).body == signed.package
    wrong = {
        "changed": bytes([signed.package[0] ^ 1]) + signed.package[1:],
        "cut": signed.package[:-1],
        "longer": signed.package + b"x",
    }[how]
    spoil(market, package_path(signed.sha256), wrong)
    try:
        answer = market.get(path)
    except (http.client.IncompleteRead, ConnectionError):
        return  # cut off before the end: nobody takes it for the whole
    assert answer.status == 503
    assert market.get("/api/health").status == 200


def test_the_author_who_sends_it_again_mends_it(published):
    market, author, signed = published
    spoil(market, package_path(signed.sha256), b"rubbish")
    assert market.publish(author, signed).status == 200
    assert market.get(f"/packages/{signed.sha256}.yplug").body == signed.package


def test_a_damaged_index_is_not_given(published):
    market, _, _ = published
    timestamp = json.loads(market.get("/metadata/timestamp.json").body)
    version = timestamp["signed"]["meta"]["snapshot.json"]["version"]
    snapshot = json.loads(market.get(f"/metadata/{version}.snapshot.json").body)
    bins = {
        name: about["version"] for name, about in snapshot["signed"]["meta"].items() if name.startswith("bin")
    }
    documents = [json.loads(market.get(f"/metadata/{v}.{name}").body) for name, v in bins.items()]
    (target,) = (t for document in documents for t in document["signed"]["targets"].values())
    path = f"targets/index/{target['hashes']['sha256']}.spoilt.json"
    assert market.get(f"/{path}").status == 200
    spoil(market, path, b"{}")
    assert market.get(f"/{path}").status == 503
