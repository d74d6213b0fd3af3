"""A registry, a mirror or a thief who says something untrue: nothing is installed, a sentence says why."""

from __future__ import annotations

import msgspec
import pytest
from registered.shop import Author

from yesman.trust.author_keys import successor
from yesman.trust.index import PluginIndex


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def tampered(shop, release):
    flipped(shop.package(release))


def truncated(shop, release):
    path = shop.package(release)
    path.write_bytes(path.read_bytes()[:-1])


def padded(shop, release):
    path = shop.package(release)
    path.write_bytes(path.read_bytes() + b"\0" * 1_000_000)


def withheld(shop, release):
    shop.package(release).unlink()


def unsigned(shop, release):
    shop.envelope(release).unlink()


def other_signature(shop, release):
    flipped(shop.envelope(release))


PACKAGES = {
    tampered: "is not the package that its index names",
    truncated: "is shorter than",
    padded: "is longer than",
    withheld: "no packages/",
    unsigned: "is not signed",
    other_signature: "is not the signature that its index names",
}


@pytest.mark.parametrize("attack", PACKAGES)
def test_a_package_that_is_not_as_promised_is_refused(customer, shop, author, make, attack):
    release = shop.publish(make(), author)
    attack(shop, release)
    assert PACKAGES[attack] in customer.refusal()["message"]
    shop.publish(make("1.1.0"), author)
    assert customer.fetch()["version"] == "1.1.0", "the control: what is as promised is fetched"


@pytest.mark.parametrize(
    "change", [{"permissions": ()}, {"content": f"sha256:{'d' * 64}"}, {"version": "9.9.9"}], ids=str
)
def test_an_index_that_tells_of_another_package_than_it_is(customer, shop, author, make, change):
    shop.publish(make(permissions=["session.read"]), author, **change)
    assert "than the registry's index says" in customer.refusal()["message"]


def test_another_author_cannot_publish_under_a_name_that_is_installed(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    customer.install()
    other, release = Author(2), None
    release = shop.release(make("2.0.0"), other)
    index = PluginIndex(name="demo", publisher="somebody", keys=other.keys, releases=(release,))
    shop.repository.publish(index)
    assert "does not come after the pinned key" in customer.refusal()["message"]
    assert server.value("demo", "which")[0] == "1.0.0"


def test_a_thief_of_the_online_keys_cannot_take_a_name_that_is_claimed(customer, shop, author, make):
    thief = Author(66)
    shop.claim("demo", author)
    shop.publish(make("1.0.0"), thief)
    assert "but the name belongs to" in customer.refusal()["message"]


def test_nor_by_naming_the_owner_as_successor(customer, shop, author, make):
    thief = Author(66)
    shop.claim("demo", author)
    release = shop.release(make("1.0.0"), thief)
    bait = successor(thief.key, author.key, thief.keys[0].since)
    shop.put("demo", (*thief.keys, bait), release)
    assert "but the name belongs to" in customer.refusal()["message"]


def test_the_owner_can(customer, shop, author, make):
    shop.claim("demo", author)
    author.rotate()
    shop.publish(make("1.0.0"), author)
    assert customer.fetch()["claimed"]


def test_a_name_that_is_not_claimed_is_said_to_be_so(customer, shop, author, make):
    shop.publish(make("1.0.0"), author)
    assert not customer.fetch()["claimed"]


def test_a_replaced_key_signs_nothing_for_those_who_know_its_successor(customer, shop, author, make, server):
    old = Author()
    author.rotate()
    shop.publish(make("1.0.0"), author)
    customer.install()
    release = shop.release(make("2.0.0"), old)
    shop.put("demo", author.keys, msgspec.structs.replace(release, signer=old.key.keyid))
    assert "has been replaced by the pinned key" in customer.refusal()["message"]


def test_metadata_that_goes_back_is_refused(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    files = {f: f.read_bytes() for f in shop.files.rglob("*") if f.is_file()}
    shop.publish(make("2.0.0"), author)
    assert customer.fetch()["version"] == "2.0.0"
    for file, content in files.items():
        file.write_bytes(content)
    assert "older" in customer.refusal()["message"]


def test_another_root_is_no_reason_to_believe(server, shop, tmp_path, author, make):
    from registered.shop import Shop  # noqa: PLC0415 - a second one, for this test alone

    impostor = Shop(tmp_path / "impostor")
    root = str(shop.root)
    fingerprint = server.call("market.recognise", root=root)["fingerprint"]
    params = {"name": "shop", "url": str(impostor.files), "root": root, "fingerprint": fingerprint}
    assert server.refusal("market.add", **params)["kind"] == "verification"
    assert server.call("market.list") == []
    server.call("market.add", **params | {"url": str(shop.files)})


def test_a_root_file_that_changes_while_it_is_shown_is_refused(server, shop, tmp_path):
    from registered.shop import Shop  # noqa: PLC0415 - a second one, for this test alone

    seen = server.call("market.recognise", root=str(shop.root))["fingerprint"]
    shop.root.write_bytes(Shop(tmp_path / "other").root.read_bytes())
    params = {"name": "shop", "url": str(shop.files), "root": str(shop.root), "fingerprint": seen}
    assert "changed while you were asked" in server.refusal("market.add", **params)["message"]


@pytest.mark.parametrize("name", ["../../etc", "a/b", "%2e%2e", "x" * 100, "Demo", ""])
def test_a_name_that_is_a_path_finds_nothing(customer, name):
    assert customer.refusal(name)["kind"] in {"not-found", "usage"}


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://x", "https://u:p@host/", "relative", "https://"]
)
def test_an_address_that_none_should_have_is_refused(server, shop, url):
    found = server.call("market.recognise", root=str(shop.root))["fingerprint"]
    refused = server.refusal("market.add", name="x", url=url, root=str(shop.root), fingerprint=found)
    assert "is no address of a registry" in refused["message"]


def test_going_back_does_not_bring_back_a_key_that_was_replaced(customer, shop, author, make, server):
    old = Author()
    shop.publish(make("1.0.0"), author)
    customer.install()
    author.rotate()
    shop.publish(make("1.1.0"), author)
    customer.install()
    server.call("plugin.rollback", name="demo")
    shop.put("demo", author.keys, shop.release(make("1.2.0"), old))
    assert "has been replaced by the pinned key" in customer.refusal(version="1.2.0")["message"]
    assert customer.fetch(version="1.1.0")["version"] == "1.1.0"


def test_a_package_that_would_fill_the_disk_is_not_fetched(customer, shop, author, make, server):
    shop.publish(make(), author, length=1 << 40)
    assert "a package may have" in customer.refusal()["message"]
    assert not server.home.packages.exists() or not list(server.home.packages.iterdir())


def test_what_was_not_fetched_whole_leaves_nothing(customer, shop, author, make, server):
    truncated(shop, shop.publish(make(), author))
    customer.refusal()
    assert list(server.home.packages.iterdir()) == []


def test_a_date_beyond_all_dates_concerns_its_plugin_alone(customer, shop, author, make):
    with pytest.raises(ValueError, match="date"):
        shop.publish(make(), author, published="9999-12-31T23:59:59Z")


def test_the_same_bytes_from_elsewhere_are_not_what_was_shown(customer, shop, author, make, tmp_path):
    from registered.shop import Shop  # noqa: PLC0415 - a second one, for this test alone

    server = customer.server
    shop.publish(make(), author)
    seen = customer.inspect()
    other = Shop(tmp_path / "other")
    other.publish(make(), Author(9))
    found = server.call("market.recognise", root=str(other.root))["fingerprint"]
    params = {"name": "other", "url": str(other.files), "root": str(other.root), "fingerprint": found}
    server.call("market.add", **params)
    customer.fetch(registry="other")
    server.call("plugin.install", fetched=seen["fetched"], digest=seen["digest"], consent=[])
    assert server.call("plugin.show", name="demo")["source"] == "shop:demo"
