"""A private name turns up on a public registry, in a newer version: nobody gets it who did not ask for it."""

from __future__ import annotations

import pytest
from registered.shop import Author, Shop

NEEDS = {"dependencies": {"plugins": ["demo"]}}


@pytest.fixture
def public(server, tmp_path):
    """Another registry that is trusted, added later, where a stranger has published under the same name."""
    other = Shop(tmp_path / "public")

    def add():
        root = str(other.root)
        found = server.call("market.recognise", root=root)["fingerprint"]
        server.call("market.add", name="public", url=str(other.files), root=root, fingerprint=found)
        return other

    return add


@pytest.fixture
def squatted(customer, shop, author, make, public):
    """The private plugin and its namesake; whose name was not installed from anywhere yet."""
    shop.publish(make("1.0.0"), author)
    public().publish(make("99.0.0"), Author(66))
    return customer


def test_a_name_that_two_registries_have_is_not_guessed(squatted):
    assert "several registries" in squatted.refusal()["message"]
    assert squatted.fetch(registry="shop")["version"] == "1.0.0"
    assert squatted.fetch(registry="public")["version"] == "99.0.0", "the control: who asks for it gets it"


def test_what_is_installed_stays_with_its_registry(squatted, server):
    squatted.install(registry="shop")
    assert squatted.fetch()["version"] == "1.0.0"
    assert [row["update"] for row in server.call("market.updates")] == [""]
    assert "is installed from the registry 'shop'" in squatted.refusal(registry="public")["message"]


def test_who_needs_a_private_plugin_is_not_given_its_namesake(squatted, shop, author, make, server):
    shop.publish(make("1.0.0", name="app", **NEEDS), author)
    squatted.install(registry="public")
    seen = squatted.inspect("app", registry="shop")
    install = {"fetched": seen["fetched"], "digest": seen["digest"], "consent": []}
    refused = server.refusal("plugin.install", **install)
    assert "needs plugin 'demo' from there, and not the one" in refused["message"]
    server.call("plugin.pin", name="demo")
    server.call("plugin.install", **install)  # the control: the user says so


def test_nor_is_it_put_in_its_place_later(squatted, shop, author, make, server):
    squatted.install(registry="shop")
    shop.publish(make("1.0.0", name="app", **NEEDS), author)
    squatted.install("app", registry="shop")
    server.call("plugin.remove", name="demo")
    seen = squatted.inspect(registry="public")
    refused = server.refusal("plugin.install", fetched=seen["fetched"], digest=seen["digest"], consent=[])
    assert "needs plugin 'demo' from there, and not the one" in refused["message"]
    assert server.names() == ["app"]
    squatted.install(registry="shop")


def test_a_folder_is_the_user_s_own_choice(squatted, shop, author, make, server):
    shop.publish(make("1.0.0", name="app", **NEEDS), author)
    server.install(make("3.0.0"))
    squatted.install("app", registry="shop")
    assert server.state_of("app") == "enabled"
