"""What a registry revokes for good is stopped, until the registry takes it back or an update helps."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def running(customer, shop, author, make, server):
    """The plugin, installed from the registry and running; its pid."""
    shop.publish(make("1.0.0"), author)
    customer.install()
    return server.value("demo", "which")[1]


def test_a_running_plugin_is_stopped_and_says_why(running, shop, server):
    shop.revoke("demo", "it sends your tokens away")
    assert server.call("market.refresh")["blocked"] == ["demo"]
    assert not Path(f"/proc/{running}").exists()
    (row,) = server.call("plugin.list")
    assert (row["state"], row["reason"]) == ("blocked", "it sends your tokens away")
    refused = server.explained(server.run("demo", "which"))
    assert "it sends your tokens away" in refused["message"]
    assert "yesman plugin remove demo" in refused["next_step"]


def test_the_server_asks_by_itself(running, shop, server, until):
    shop.revoke("demo", "it sends your tokens away")
    until(lambda: server.state_of("demo") == "blocked", seconds=60)
    assert not Path(f"/proc/{running}").exists()


def test_it_stays_so_while_the_registry_is_away_and_after_a_restart(running, shop, server):
    shop.revoke("demo", "bad")
    server.call("market.refresh")
    shop.files.rename(shop.files.with_name("gone"))
    server.stop()
    server.start()
    assert server.state_of("demo") == "blocked"
    assert "shop" in server.call("market.refresh")["trouble"]
    assert server.state_of("demo") == "blocked"
    assert server.call("market.list")[0]["trouble"]


def test_enabling_does_not_help_but_the_registry_can_take_it_back(running, shop, server):
    shop.revoke("demo", "by mistake")
    server.call("market.refresh")
    assert server.call("plugin.enable", name="demo")["state"] == "blocked"
    shop.forgive()
    server.call("market.refresh")
    assert server.value("demo", "which")[0] == "1.0.0"


@pytest.mark.usefixtures("running")
def test_an_update_helps_and_going_back_does_not(shop, author, make, customer, server):
    shop.revoke("demo", "a hole", version="1.0.0")
    server.call("market.refresh")
    shop.publish(make("1.0.1"), author)
    customer.install()
    assert server.value("demo", "which")[0] == "1.0.1"
    assert "a hole" in server.refusal("plugin.rollback", name="demo")["message"]
    assert "was revoked: 'a hole'" in customer.refusal(version="1.0.0")["message"]


@pytest.mark.parametrize("what", ["keyid", "sha256"])
@pytest.mark.usefixtures("running")
def test_a_key_or_a_package_can_be_revoked_as_well(shop, author, server, what):
    (release,) = shop.indexes["demo"].releases
    shop.revoke("", "stolen", **{what: {"keyid": author.key.keyid, "sha256": release.sha256}[what]})
    assert server.call("market.refresh")["blocked"] == ["demo"]


@pytest.mark.usefixtures("running")
def test_a_version_is_meant_however_it_is_written(shop, server):
    shop.revoke("demo", "bad", version="1.0")
    assert server.call("market.refresh")["blocked"] == ["demo"]


def test_a_warning_stops_nothing(running, shop, server, customer):
    shop.revoke("demo", "it is slow", severity="soft")
    assert server.call("market.refresh")["blocked"] == []
    assert customer.fetch()["warning"] == "it is slow"


def test_what_another_plugin_did_is_not_its_fault(running, shop, server):
    shop.revoke("other", "bad")
    assert server.call("market.refresh")["blocked"] == []
    assert server.value("demo", "which")[1] == running


def test_a_plugin_of_the_same_name_from_a_folder_is_not_meant(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    server.install(make("1.0.0"))
    shop.revoke("demo", "bad")
    assert server.call("market.refresh")["blocked"] == []


def test_one_that_never_loaded_is_not_tried_again(customer, shop, author, plugins, until):
    """What has its settings and does not load is tried at every use; not when it is revoked."""
    server, broken = customer.server, "print('it ran', flush=True)\nraise ValueError('no')\n"
    who = {"type": "object", "properties": {"who": {"type": "string", "required": True}}}
    shop.publish(plugins.make(commands={"hi": "return 1"}, top=broken, config=who), author)
    customer.install()
    server.refusal("plugin.config", name="demo", set={"who": "me"})
    log = server.home.plugin_logs / "demo.log"
    until(lambda: log.read_text().count("it ran") == 1)
    server.run("demo", "hi")
    until(lambda: log.read_text().count("it ran") == 2)  # the control: it is tried
    shop.revoke("demo", "bad")
    server.call("market.refresh")
    server.run("demo", "hi")
    server.stop()
    server.start()
    assert server.call("market.refresh")["blocked"] == ["demo"]
    assert log.read_text().count("it ran") == 2


def test_what_is_revoked_while_the_user_thinks_is_not_installed(customer, shop, author, make, server):
    shop.publish(make("1.0.0"), author)
    seen = customer.inspect()
    shop.publish(make("1.1.0", name="other"), author)
    shop.revoke("demo", "just found out")
    customer.fetch("other")  # a fetch hears what is revoked
    refused = server.refusal(
        "plugin.install", fetched=seen["fetched"], digest=seen["digest"], consent=[], despite=""
    )
    assert "just found out" in refused["message"]
    assert server.names() == []
