"""The pages, asked for as a browser does and read as a browser would."""

from __future__ import annotations

import itertools

import pytest
from marketed.looking import Page, png

from yesman.marketplace.schema import plugins

README = "# Hello\n\nIt *does* things: [site](https://example.org)\n"
ASKS = "[{name: 'filesystem.read:~/notes', reason: To read notes}, system.execute]"


def look(market, path: str, status: int = 200, **headers: str) -> Page:
    answer = market.get(path, **headers)
    assert answer.status == status, answer.body
    page = Page(answer.body)
    assert not page.unbalanced
    return page


@pytest.fixture(scope="module")
def shop(shared, tmp_path_factory):
    folder, author = tmp_path_factory.mktemp("shop"), shared.author("shopkeeper")
    files = {"README.md": README.encode(), "assets/icon.png": png()}
    one = author.make(
        folder, "shelf", "1.0.0", description="'Holds odd books'", files=files, permissions=ASKS
    )
    two = author.make(
        folder, "shelf", "1.1.0", description="'Holds odd books'", files=files, source="X = 1\n",
        permissions="[system.execute, session.read]", dependencies="{plugins: [ladder]}",
    )  # fmt: skip
    for signed in (one, two, author.make(folder, "ladder", type="ui", description="'Climbs up'")):
        assert shared.publish(author, signed).status == 201
    return shared


def test_the_search_lists_what_there_is_and_narrows_it(shop):
    assert [link for link in look(shop, "/").links if link.startswith("/plugins/")]
    page = look(shop, "/search?q=holds+odd+books")
    assert {"/plugins/shelf", "/publishers/shopkeeper"} <= set(page.links)
    assert "Holds odd books" in page.text
    narrowed = look(shop, "/search?q=climbs&type=ui&category=ui")
    assert "/plugins/ladder" in narrowed.links
    assert "/plugins/shelf" not in narrowed.links
    assert "/search?q=climbs&category=ui&type=ui&sort=name" in narrowed.links


def test_nothing_found_is_a_page_that_leads_on(shop):
    page = look(shop, "/search?q=nothing+is+called+so")
    assert "Nothing matches." in page.text
    assert "/" in page.links


def test_pages_of_the_search_follow_each_other(market, tmp_path):
    author, seen = market.author("prolific"), []
    for number in range(22):
        market.publish(author, author.make(tmp_path, f"many-{number:02}", description="Leafing"))
    path = "/search?q=leafing&sort=name"
    while path:
        page = look(market, path)
        seen += [link for link in page.links if link.startswith("/plugins/")]
        path = next((a["href"] for a in page.all("a") if a.get("rel") == "next"), "")
    assert seen == [f"/plugins/many-{number:02}" for number in range(22)]


def test_a_plugins_page_says_what_one_must_know_before_installing(shop):
    page = look(shop, "/plugins/shelf")
    for said in (
        "yesman plugin install shelf",
        "It sees folders, windows and screen contents of any session.",
        "High risk",
        "It does things: site",
        "It calls itself odd",
        "This key since 1 Jan 2026",
    ):
        assert said in page.text, said
    keyid = shop.keys["shopkeeper"].keyid
    assert " ".join(keyid[at : at + 8] for at in range(0, 64, 8)) in page.text
    assert "/plugins/ladder" in page.links


def test_the_permissions_have_the_words_of_the_consent_dialog(shop):
    page = look(shop, "/plugins/shelf/diff/1.0.0...1.1.0")
    assert "now session.read" in page.text
    assert "no longer filesystem.read:~/notes" in page.text


def test_an_icon_comes_from_the_package_with_its_own_rights(shop):
    (icon,) = (image["src"] for image in look(shop, "/plugins/shelf").all("img") if "/icons/" in image["src"])
    answer = shop.get(icon)
    assert (answer.status, answer.body) == (200, png())
    assert answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert shop.get(icon.replace(".png", ".gif")).status == 404


def test_versions_are_compared_file_by_file(shop):
    page = look(shop, "/plugins/shelf/diff/1.0.0...1.1.0")
    assert "src/main.py changed" in page.text
    assert "+X = 1" in page.text
    assert "README.md" not in page.text
    answer = shop.get("/plugins/shelf/diff?from=1.0.0&to=1.1.0")
    assert (answer.status, answer.headers["location"]) == (303, "/plugins/shelf/diff/1.0.0...1.1.0")


def test_a_yanked_version_is_marked_with_its_reason(market, tmp_path):
    author = market.author("regretful")
    for version in ("1.0.0", "1.1.0"):
        market.publish(author, author.make(tmp_path, "regret", version))
    path = "/api/plugins/regret/versions/1.1.0/yank"
    assert market.ask("PUT", path, {"reason": "Eats files"}, author).status == 200
    page = look(market, "/plugins/regret")
    assert "1.1.0 yanked Eats files" in page.text
    assert "Every version is yanked" not in page.text
    market.ask("PUT", path.replace("1.1.0", "1.0.0"), {"reason": "Too"}, author)
    assert "Every version is yanked" in look(market, "/plugins/regret").text
    assert "yesman plugin install" not in look(market, "/plugins/regret").text


def test_a_publishers_page_lists_plugins_and_keys(shop):
    page = look(shop, "/publishers/shopkeeper")
    assert {"/plugins/shelf", "/plugins/ladder"} <= set(page.links)
    assert shop.keys["shopkeeper"].keyid[:8] in page.text
    shop.author("only-reviews")
    assert "publishes here" in look(shop, "/publishers/only-reviews", 404).text


def test_reviews_are_shown_and_go_on(market, tmp_path):
    author = market.author("reviewed-author")
    market.publish(author, author.make(tmp_path, "reviewed"))
    for number in range(12):
        path, said = "/api/plugins/reviewed/reviews", {"stars": 4, "text": f"Opinion {number}!"}
        market.ask("PUT", path, said, market.author(f"opinion-{number}"))
    page = look(market, "/plugins/reviewed")
    assert "4.0 of 5 (12)" in page.text
    assert "Opinion 11!" in page.text
    assert "Opinion 1!" not in page.text
    assert "Opinion 1!" in look(market, "/plugins/reviewed/reviews").text


@pytest.mark.parametrize(
    ("state", "said"), [("quarantined", "is under review"), ("removed", "was removed by the registry's")]
)
def test_what_is_not_to_be_had_says_why(market, tmp_path, state, said):
    author = market.author("absent")
    market.publish(author, author.make(tmp_path, f"gone-{state}"))
    with market.database.writing() as connection:
        connection.execute(plugins.update().where(plugins.c.name == f"gone-{state}").values(state=state))
    assert said in look(market, f"/plugins/gone-{state}", 404).text


def test_what_has_not_changed_is_not_sent_again(shop):
    tag = shop.get("/plugins/shelf").headers["etag"]
    assert shop.get("/plugins/shelf", If_None_Match=tag).status == 304
    style = next(link["href"] for link in look(shop, "/").all("link") if link["rel"] == "stylesheet")
    assert "immutable" in shop.get(style).headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/plugins/shelf", "/plugins/shelf/diff/1.0.0...1.1.0", "/nowhere"])
def test_a_page_can_be_read_without_seeing_it(shop, path):
    page = Page(shop.get(path).body)
    assert page.all("html") == [{"lang": "en"}]
    assert {"header", "main", "footer", "h1", "title"} <= page.tags
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if tag[0] == "h" and tag[1:].isdigit()]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all("alt" in image for image in page.all("img"))
    named = {label["for"] for label in page.all("label") if "for" in label}
    for field in page.all("input"):
        assert field.get("type") == "hidden" or "aria-label" in field or field.get("id") in named
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
