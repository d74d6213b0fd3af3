"""Installing and updating from a registry in a real browser: seen, ticked, agreed to."""

from __future__ import annotations

import json
import re

import pytest
from marketed.authors import MAIN
from marketed.market import Market
from playwright.sync_api import expect

from yesman.marketplace.place import Settings

ASKS = {"permissions": "[session.read, system.execute]", "description": "Lights the line that waits"}


@pytest.fixture
def market(tmp_path):
    """A marketplace, and an author who publishes there."""
    market = Market(tmp_path / "market", Settings()).start()
    yield market
    market.close()


@pytest.fixture
def publish(market, tmp_path):
    author = market.author("mira")

    def send(version, **said):
        signed = author.make(tmp_path, "lantern", version, **(ASKS | said))
        assert market.publish(author, signed).status == 201

    return send


@pytest.fixture
def customer(desk, market):
    """Somebody's machine that trusts the marketplace."""
    root = str(market.folder.root_file)
    add = ("market", "add", market.url, "--root", root, "--name", "lights", "--fingerprint")
    fingerprint = re.search(r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}", desk.yesman(*add, "0", code=4).stderr)[0]
    desk.yesman(*add, fingerprint)
    return desk


def shown(desk):
    return json.loads(desk.yesman("plugin", "show", "lantern", "--json").stdout)


def granted(desk):
    return [row["permission"] for row in shown(desk)["permissions"] if row["grants"]]


def looked_at(page):
    page.get_by_role("link", name="Plugins").click()
    page.get_by_role("link", name="Install a plugin").click()
    page.get_by_label("Search lights").fill("line that waits")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name=re.compile("Install…|Update…")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("lantern")


def test_what_is_asked_for_is_seen_first_and_only_what_is_ticked_is_granted(customer, publish, page):
    publish("1.0.0")
    looked_at(page)
    expect(page.get_by_text("lights:lantern")).to_be_visible()
    expect(page.get_by_text("High risk")).to_be_visible()
    assert "lantern" not in customer.yesman("plugin", "list").stdout, "nothing is installed by looking"
    page.get_by_role("checkbox", name=re.compile("system.execute")).uncheck()
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_role("heading", name="Permissions")).to_be_visible()
    expect(page.get_by_text("Not granted")).to_be_visible()
    assert granted(customer) == ["session.read"]
    assert shown(customer)["source"] == "lights:lantern"


def test_an_update_shows_what_is_new_and_is_agreed_to_anew(customer, publish, page):
    publish("1.0.0", permissions="[session.read]", source=f"{MAIN}COLOUR = 'red'\n")
    customer.yesman("plugin", "install", "lantern", "--yes")
    publish("1.1.0", source=f"{MAIN}COLOUR = 'green'\n")
    page.goto("/plugins/lantern")
    page.get_by_role("button", name="Look for an update").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Update lantern 1.1.0")
    expect(page.get_by_text("new", exact=True)).to_be_visible()
    page.get_by_text("Its files, line by line").click()
    expect(page.get_by_text("+COLOUR = 'green'")).to_be_visible()
    page.get_by_role("button", name="Update", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.1.0")
    assert granted(customer) == ["session.read", "system.execute"]


def test_an_offer_that_is_over_installs_nothing(customer, publish, page):
    publish("1.0.0")
    looked_at(page)
    page.evaluate("() => { document.querySelector('input[name=offer]').value = '0'.repeat(32); }")
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not open any more")
    assert "lantern" not in customer.yesman("plugin", "list").stdout


def test_a_permission_that_was_not_shown_is_not_granted_however_the_form_is_changed(customer, publish, page):
    publish("1.0.0", permissions="[session.read]")
    looked_at(page)
    page.evaluate("() => { document.querySelector('input[name=permissions]').value = 'system.execute'; }")
    page.get_by_role("button", name="Install", exact=True).click()
    expect(page.get_by_role("heading", name="Permissions")).to_be_visible()
    assert "system.execute" not in granted(customer)
