"""A plugin of a registry is fetched, verified, consented to, installed, updated and rolled back."""

from __future__ import annotations

import pytest


def version_of(server):
    return server.value("demo", "which")[0]


def test_a_release_is_installed_and_run(customer, shop, author, make, server):
    release = shop.publish(make("1.0.0", ["session.read"]), author)
    seen = customer.inspect()
    assert (seen["publisher"], seen["key"], seen["source"]) == ("somebody", author.key.keyid, "shop:demo")
    assert [row["permission"] for row in seen["permissions"]] == ["session.read"]
    assert customer.install()["state"] == "enabled"
    assert version_of(server) == "1.0.0"
    shown = server.call("plugin.show", name="demo")
    assert (shown["source"], shown["digest"]) == ("shop:demo", release.content)


def test_the_newest_release_is_meant_unless_one_is_named(customer, shop, author, make):
    for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0rc1"):
        shop.publish(make(version), author)
    assert customer.fetch()["version"] == "1.10.0"
    assert customer.fetch(version="1.9.0")["version"] == "1.9.0"
    assert "1.10.0" in customer.refusal(version="3.0.0")["next_step"]


def test_an_update_keeps_the_answers_and_asks_only_for_more(customer, shop, author, make, server):
    shop.publish(make("1.0.0", ["session.read"]), author)
    customer.install()
    shop.publish(make("2.0.0", ["session.read", "session.modify"]), author)
    (row,) = server.call("market.updates")
    assert (row["update"], row["waits"]) == ("2.0.0", "")
    seen = customer.inspect()
    assert seen["added_permissions"] == ["session.modify"]
    refused = server.refusal("plugin.install", fetched=seen["fetched"], digest=seen["digest"], consent=[])
    assert (refused["kind"], version_of(server)) == ("permission", "1.0.0")
    customer.install()
    assert version_of(server) == "2.0.0"
    server.call("plugin.rollback", name="demo")
    assert version_of(server) == "1.0.0"


def test_a_successor_of_the_key_is_the_same_publisher(customer, shop, author, make, server):
    shop.publish(make("1.0.0", ["session.read"]), author)
    customer.install()
    author.rotate()
    shop.publish(make("2.0.0", ["session.read"]), author)
    seen = customer.inspect()
    assert (seen["added_permissions"], seen["replaces"]) == ([], None)
    customer.install()
    assert version_of(server) == "2.0.0"


def test_a_young_release_waits_unless_it_replaces_a_revoked_one(customer, shop, author, make, server):
    from registered.shop import moment  # noqa: PLC0415 - for this test alone

    shop.publish(make("1.0.0"), author)
    customer.install()
    shop.publish(make("2.0.0"), author, published=moment())
    (row,) = server.call("market.updates")
    assert (row["update"], "too young" in row["waits"]) == ("2.0.0", True)
    shop.revoke("demo", "it sends your tokens away", version="1.0.0")
    server.call("market.refresh")
    (row,) = server.call("market.updates")
    assert (row["update"], row["waits"]) == ("2.0.0", "")


def test_a_pinned_plugin_is_not_updated(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    customer.install()
    shop.publish(make("2.0.0"), author)
    server.call("plugin.pin", name="demo")
    (row,) = server.call("market.updates")
    assert row["waits"] == "it is pinned"


@pytest.mark.parametrize("change", [{"yanked": "it deletes too much"}, {"min_version": "99.0"}])
def test_what_should_not_be_installed_is_passed_over(customer, shop, author, make, change):
    shop.publish(make("1.0.0"), author)
    shop.publish(make("2.0.0"), author, **change)
    assert customer.fetch()["version"] == "1.0.0"


def test_a_plugin_has_one_registry(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    server.install(make("1.0.0"))
    seen = customer.inspect()
    assert seen["replaces"]["source"].startswith("/")
    refused = server.refusal("plugin.install", fetched=seen["fetched"], digest=seen["digest"])
    assert refused["kind"] == "permission"


def test_a_package_that_nobody_fetched_cannot_be_installed_as_one(server):
    refused = server.refusal("plugin.inspect", fetched="a" * 64)
    assert "was not fetched" in refused["message"]
