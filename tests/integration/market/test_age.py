"""What a folder says is believed for as long as its registry says, or as the user does; never backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from registered.shop import Shop

DAYS = 3


@pytest.fixture
def shop(tmp_path):
    """A registry that nobody has signed anew for days, as a copy of it is on the way."""
    return Shop(tmp_path / "shop", timedelta(days=DAYS))


@pytest.fixture
def add(server, shop):
    """Trust it for so many days; return the answer."""

    def added(longest_age=0, url=""):
        root = str(shop.root)
        mark = server.call("market.recognise", root=root)["fingerprint"]
        about = {"name": "shop", "url": url or str(shop.files), "root": root, "fingerprint": mark}
        return server.ask("market.add", longest_age=longest_age, **about)

    return added


def test_a_copy_that_is_out_of_date_is_refused_unless_its_age_is_accepted(add, server, shop, author, make):
    shop.publish(make(), author)
    for days, said in ((0, "is expired"), (DAYS - 1, "2 days old at most")):
        failure = server.explained(add(days))
        assert (failure["kind"], said in failure["message"]) == ("verification", True)
    assert "--max-age" in server.explained(add(0))["next_step"]
    assert add(DAYS + 4).failure is None
    metadata = server.call("market.fetch", name="demo")["metadata"]
    assert (metadata["age"], metadata["left"]) == ("3 days", "4 days") or metadata["left"] == "3 days"


def test_an_older_copy_than_the_one_before_is_refused(add, server, shop, author, make):
    shop.publish(make(), author)
    stamp = shop.files / "metadata/timestamp.json"
    old = stamp.read_bytes()
    shop.publish(make("2.0.0"), author)
    assert add(30).failure is None
    new = stamp.read_bytes()
    stamp.write_bytes(old)
    assert "seen before" in server.refusal("market.fetch", name="demo")["message"]
    stamp.write_bytes(new)
    assert server.call("market.fetch", name="demo")["version"] == "2.0.0"


def test_how_old_it_may_be_is_changed_and_what_was_seen_stays_known(add, server, shop, author, make):
    shop.publish(make(), author)
    stamp = shop.files / "metadata/timestamp.json"
    old = stamp.read_bytes()
    shop.publish(make("2.0.0"), author)
    assert add(30).failure is None
    assert "2 days old at most" in server.explained(add(2))["message"]
    assert server.call("market.list")[0]["longest_age"] == 30
    assert add(40).failure is None
    stamp.write_bytes(old)
    assert "seen before" in server.refusal("market.fetch", name="demo")["message"]


def test_what_was_revoked_when_the_copy_was_made_is_refused(add, server, shop, author, make):
    shop.publish(make(), author)
    assert add(30).failure is None
    assert server.call("market.fetch", name="demo")["version"] == "1.0.0"
    shop.revoke("demo", "it sends your tokens away")
    assert server.ask("market.fetch", name="demo").failure is not None


@pytest.mark.parametrize("days", [1, -1, 400])
def test_only_a_folder_may_be_old_and_not_for_ever(add, server, days):
    url = "https://plugins.example.org" if days == 1 else ""
    assert server.explained(add(days, url))["kind"] == "usage"
