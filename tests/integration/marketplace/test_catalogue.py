"""What readers get: pages, orders, conditional requests, reviews, reports, categories, figures."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from yesman.marketplace.schema import plugins

NAMES = {
    "zebra-notes": ("Writes notes about zebras", 5),
    "zebra-timer": ("Counts the minutes", 50),
    "lion-notes": ("Schreibt Notizen über Löwen und Zebras", 500),
    "zeb": ("Only begins so", 1),
}


@pytest.fixture(scope="module")
def zoo(shared, tmp_path_factory):
    author = shared.author("zoo-keeper")
    folder = tmp_path_factory.mktemp("zoo")
    for name, (description, used) in NAMES.items():
        said = {"description": f'"{description}"', "type": "ui"}
        assert shared.publish(author, author.make(folder, name, **said)).status in (200, 201)
        with shared.database.writing() as connection:
            connection.execute(plugins.update().where(plugins.c.name == name).values(downloads=used))
    return shared


def names(answer) -> list[str]:
    return [plugin["name"] for plugin in answer.json]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zebra", ["lion-notes", "zebra-timer", "zebra-notes"]),
        ("zebra notes", ["zebra-notes"]),
        ("ZEBRAS", ["lion-notes", "zebra-notes"]),
        ("uber lowen", ["lion-notes"]),
        ("zebranotes", ["zebra-notes"]),
        ("ebra-ti", ["zebra-timer"]),
        ("no such thing", []),
    ],
)
def test_both_databases_find_the_same(zoo, query, found):
    assert names(zoo.ask("GET", "/api/plugins?q=" + query.replace(" ", "+"))) == found


def test_relevance_puts_names_before_use(zoo):
    assert names(zoo.get("/api/plugins?q=zeb&sort=relevance"))[0] == "zeb"
    assert names(zoo.get("/api/plugins?q=zeb"))[0] == "lion-notes"


@pytest.mark.parametrize("sort", ["popularity", "rating", "updated", "name", "relevance"])
def test_pages_together_hold_everything_once(zoo, sort):
    path, seen = f"/api/plugins?q=zeb&sort={sort}&limit=1", []
    while path:
        answer = zoo.get(path)
        seen += names(answer)
        found = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        path = f"{urlsplit(found[1]).path}?{urlsplit(found[1]).query}" if found else ""
    assert sorted(seen) == sorted(NAMES)
    assert seen == names(zoo.get(f"/api/plugins?q=zeb&sort={sort}"))


def test_a_category_narrows(zoo):
    assert sorted(names(zoo.get("/api/plugins?category=ui"))) == sorted(NAMES)
    assert names(zoo.get("/api/plugins?category=ui&q=lion")) == ["lion-notes"]
    assert names(zoo.get("/api/plugins?category=nothing")) == []
    counts = {entry["name"]: entry["plugins"] for entry in zoo.get("/api/categories").json}
    assert counts["ui"] == len(NAMES)


@pytest.mark.parametrize("path", ["/api/plugins?q=zeb", "/api/plugins/zeb", "/metadata/timestamp.json"])
def test_what_has_not_changed_is_not_sent_again(zoo, path):
    first = zoo.get(path)
    again = zoo.get(path, If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert zoo.get(path, If_None_Match='"other"').status == 200


def test_packages_may_be_kept_for_ever_and_the_timestamp_not_at_all(zoo):
    latest = zoo.get("/api/plugins/zeb").json["latest_version"]
    package = zoo.get(urlsplit(latest["download_url"]).path)
    assert "immutable" in package.headers["cache-control"]
    assert package.headers["etag"] == f'"{latest["sha256"]}"'
    assert package.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in zoo.get("/metadata/1.root.json").headers["cache-control"]
    assert zoo.get("/metadata/timestamp.json").headers["cache-control"] == "no-cache"


def test_everybody_has_one_review_and_authors_none(zoo):
    one, two, author = zoo.author("one"), zoo.author("two"), zoo.author("zoo-keeper")
    path = "/api/plugins/zebra-notes/reviews"
    assert zoo.ask("PUT", path, {"stars": 1, "text": "Bites"}, one).json == {"state": "created"}
    assert zoo.ask("PUT", path, {"stars": 5, "text": "Tame now"}, one).json == {"state": "replaced"}
    assert zoo.ask("PUT", path, {"stars": 4}, two).status == 200
    assert zoo.ask("PUT", path, {"stars": 5}, author).status == 403
    reviews = zoo.get(path).json
    assert sorted((r["publisher"], r["stars"]) for r in reviews) == [("one", 5), ("two", 4)]
    plugin = zoo.get("/api/plugins/zebra-notes").json
    assert (plugin["reviews"], plugin["rating"]) == (2, round((9 + 15) / 7, 4))
    for user in (one, two):
        assert zoo.ask("DELETE", path, None, user).status == 204
    assert zoo.get("/api/plugins/zebra-notes").json["rating"] == 0


def test_a_young_plugin_is_quarantined_by_one_trusted_report_and_not_by_strangers(market, tmp_path):
    author, trusted = market.author("young-author"), market.author("guard", trusted=True)
    market.publish(author, author.make(tmp_path, "young"))
    path, said = "/api/plugins/young/reports", {"kind": "malware", "text": "Reads my keys"}
    for name in ("stranger-1", "stranger-2", "stranger-3", "stranger-3"):
        assert market.ask("POST", path, said, market.author(name)).status == 202
        assert market.get("/api/plugins/young").status == 200
    assert market.ask("POST", path, said, trusted).status == 202
    assert market.get("/api/plugins/young").status == 404
    assert names(market.get("/api/plugins?q=young")) == []


def test_the_server_tells_how_it_is(market):
    assert market.get("/api/health").json == {"status": "ok"}
    text = market.get("/api/metrics").body.decode()
    assert re.search(r'yesman_marketplace_requests_total\{area="api",status="200"\} \d+', text)
    assert "yesman_marketplace_indexes_behind 0" in text
    document = market.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert "/api/plugins/{name}" in document["paths"]
