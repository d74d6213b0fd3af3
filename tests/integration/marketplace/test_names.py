"""Names that are taken for another's, and names that the offline keys have given to somebody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from yesman.marketplace.schema import plugins
from yesman.trust.ceremony import Ceremony
from yesman.trust.index import Claim
from yesman.trust.keys import KeyFolder


@pytest.fixture
def known(market, tmp_path):
    """Publish a plugin that was downloaded so often."""

    def publish(name, downloads):
        author = market.author("famous")
        assert market.publish(author, author.make(tmp_path / "known", name)).status in (200, 201)
        with market.database.writing() as connection:
            change = plugins.update().where(plugins.c.name == name)
            connection.execute(change.values(downloads=downloads))

    return publish


@pytest.fixture
def fate(market, tmp_path):
    """Publish under a name as somebody else; return what becomes of it, and why."""

    def publish(name, version="1.0.0", author="stranger"):
        somebody = market.author(author)
        answer = market.publish(somebody, somebody.make(tmp_path / author, name, version)).json
        return answer["state"], answer["reason"]

    return publish


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ledger-keper", "a letter left out"),
        ("leddger-keeper", "a letter doubled"),
        ("legder-keeper", "letters swapped"),
        ("1edger-keeper", "a digit for a letter"),
        ("ledgerkeeper", "no separator"),
        ("py-ledger-keeper", "a prefix that says nothing"),
        ("ledger-keeper-plugin", "a suffix that says nothing"),
        ("python-ledgerkeeper", "both"),
    ],
)
def test_a_name_that_is_taken_for_another_waits_for_a_moderator(market, known, fate, name, why):
    known("ledger-keeper", 5000)
    state, reason = fate(name)
    assert (state, "'ledger-keeper'" in reason) == ("quarantined", True), why
    assert market.get(f"/api/plugins/{name}").json.get("versions", []) == []


@pytest.mark.parametrize("name", ["ledger-reader", "bookkeeper", "keeper"])
def test_a_name_that_has_something_in_common_does_not(known, fate, name):
    known("ledger-keeper", 5000)
    assert fate(name) == ("published", "")


def test_it_is_not_known_by_a_second_try(known, fate):
    known("tide-tables", 5000)
    assert fate("tide-table")[0] == "quarantined"
    assert fate("tide-table", "1.0.1")[0] == "quarantined"


def test_its_own_publisher_may(known, fate):
    known("moon-phases", 5000)
    assert fate("moon-phase", author="famous") == ("published", "")


@pytest.mark.parametrize(("downloads", "state"), [(0, "published"), (20_000, "quarantined")])
def test_short_names_are_alike_by_chance_unless_one_is_famous(known, fate, downloads, state):
    known(f"tar{downloads % 7}", downloads)
    assert fate(f"tar{downloads % 7}s")[0] == state


@pytest.mark.parametrize(("downloads", "state"), [(0, "published"), (500, "quarantined")])
def test_who_is_used_by_nobody_is_not_worth_a_slip_of_the_keyboard(known, fate, downloads, state):
    known(f"weather-vane-{downloads}", downloads)
    assert fate(f"weather-vanes-{downloads}")[0] == state


def test_what_was_published_before_its_famous_neighbour_goes_on(known, fate):
    assert fate("sea-level")[0] == "published"
    known("sea-levels", 0)
    known("sea-levels", 5000)
    assert fate("sea-level", "2.0.0") == ("published", "")


def test_a_name_that_is_claimed_offline_is_for_its_owners_keys(own, tmp_path):
    own.start()
    owner, thief = own.author("owner"), own.author("thief")
    keys = KeyFolder(own.folder.offline_keys)
    ceremony = Ceremony(own.objects, keys, own.folder.root_file.read_bytes(), datetime.now(UTC))
    ceremony.claim(Claim(name="claimed", keys=(owner.key.keyid,), since="2026-01-01T00:00:00Z"))
    own.stop()
    own.start()  # takes over what the offline keys have signed
    refused = own.publish(thief, thief.make(tmp_path / "thief", "claimed"))
    assert (refused.status, "but the name belongs to" in refused.json["detail"]) == (422, True)
    assert own.publish(thief, thief.make(tmp_path / "thief", "unclaimed")).status == 201, "the control"
    assert own.publish(owner, owner.make(tmp_path / "owner", "claimed")).status == 201
