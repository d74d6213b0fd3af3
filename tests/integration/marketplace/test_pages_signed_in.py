"""Signing in to the pages, what forms do then, and who cannot make them do it."""

from __future__ import annotations

import pytest
from marketed.looking import Browser, Page
from sqlalchemy import select

from yesman.marketplace.pages.forms import origin_of
from yesman.marketplace.pages.visiting import cookie_name
from yesman.marketplace.schema import reports, sessions, tokens


@pytest.fixture(scope="module")
def stage(shared, tmp_path_factory):
    author, folder = shared.author("stage-author"), tmp_path_factory.mktemp("stage")
    for name in ("acted", "accused", "judged", "forged"):
        assert shared.publish(author, author.make(folder, name)).status == 201
    held = author.make(folder, "judged", "2.0.0", description="suspicious", source="HIDDEN = 1\n")
    assert shared.publish(author, held).status == 202
    return shared


def signed_in(market, name: str, *scopes: str, **more) -> Browser:
    return Browser(market).sign_in(market.author(name, *(scopes or ("review", "report")), **more))


def test_who_signs_in_gets_a_cookie_that_is_not_the_token(stage):
    author = stage.author("entering", "review")
    answer = Browser(stage).send("/sign-in", {"token": author.token, "next": "/plugins/acted"})
    assert (answer.status, answer.headers["location"]) == (303, "/plugins/acted")
    cookie = answer.headers["set-cookie"]
    assert author.token not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    secret = cookie.partition(";")[0].partition("=")[2]
    with stage.database.reading() as connection:
        assert secret not in str(connection.execute(select(sessions)).all())


def test_over_tls_the_cookie_is_for_tls_and_this_host_only():
    assert cookie_name("https://plugins.example.org") == "__Host-session"
    assert cookie_name("http://127.0.0.1:8480") == "session"


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("https://Plugins.example.org:443", "https://plugins.example.org"),
        ("http://plugins.example.org:80", "http://plugins.example.org"),
        ("https://plugins.example.org:80", "https://plugins.example.org:80"),
        ("http://[::1]:8480", "http://[::1]:8480"),
    ],
)
def test_our_own_origin_is_written_as_browsers_write_it(base, origin):
    assert origin_of(base) == origin


@pytest.mark.parametrize("token", ["", "x", "yesman_" + "A" * 43, "' OR 1=1--", "\x00", "é" * 50])
def test_a_token_that_is_none_opens_nothing(stage, token):
    answer = Browser(stage).send("/sign-in", {"token": token})
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    assert "not known" in Page(answer.body).text


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nX: y", "/%2f", "javascript:x"],
)
def test_one_is_never_led_to_another_site(stage, onward):
    author = stage.author("led", "review")
    answer = Browser(stage).send("/sign-in", {"token": author.token, "next": onward})
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_a_session_ends_with_its_token_and_by_signing_out(stage):
    browser = signed_in(stage, "leaving-soon")
    assert "leaving-soon" in browser.page("/").text
    kept = browser.cookie
    assert browser.send("/sign-out", {"form": browser.form}).status == 303
    browser.cookie = kept
    assert "leaving-soon" not in browser.page("/").text
    again = signed_in(stage, "leaving-soon")
    with stage.database.writing() as connection:
        connection.execute(
            tokens.update().values(revoked="2026-01-01T00:00:00Z").where(tokens.c.scopes == "report review")
        )
    assert "leaving-soon" not in again.page("/").text


def test_a_session_that_is_over_is_none(stage):
    browser = signed_in(stage, "dozing")
    with stage.database.writing() as connection:
        connection.execute(sessions.update().values(expires="2026-01-01T00:00:00Z"))
    assert "dozing" not in browser.page("/").text
    assert "awake" in signed_in(stage, "awake").page("/").text  # the control


def test_pages_of_who_is_signed_in_are_kept_by_nobody(stage):
    assert signed_in(stage, "private").get("/").headers["cache-control"] == "no-store"
    assert stage.get("/").headers["cache-control"] == "no-cache"


def test_a_review_is_written_from_the_plugins_page(stage):
    browser = signed_in(stage, "critic")
    sent = {"form": browser.form, "stars": "4", "text": "Good\r\nindeed"}
    assert browser.send("/plugins/acted/review", sent).headers["location"] == "/plugins/acted"
    assert "Good indeed" in stage_text(stage, "/plugins/acted")


def stage_text(market, path: str) -> str:
    return Page(market.get(path).body).text


def test_a_report_is_sent_from_the_plugins_page_and_takes_it_out(stage):
    assert stage.get("/plugins/accused/report").headers["location"] == "/sign-in?next=/plugins/accused/report"
    browser = signed_in(stage, "watchman", trusted=True)
    assert "What is wrong with it?" in browser.page("/plugins/accused/report").text
    sent = {"form": browser.form, "kind": "malware", "text": "Reads keys", "version": "1.0.0"}
    answer = browser.send("/plugins/accused/report", sent)
    assert answer.headers["location"] == "/reported/accused"
    assert "Thank you" in browser.page("/reported/accused").text
    assert "is under review" in Page(stage.get("/plugins/accused").body).text


FORGERIES = {
    "another site": {"Origin": "https://evil.example"},
    "no site": {"Origin": ""},
    "a site without a name": {"Origin": "null"},
    "a port beside": {"Origin": "http://127.0.0.1:1"},
    "another site without origin": {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    "a sister site": {"Origin": "", "Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize(
    "path", ["/plugins/forged/report", "/plugins/forged/review", "/sign-out", "/desk/forged", "/sign-in"]
)
def test_a_form_of_another_site_does_nothing(stage, path, forgery):
    browser = signed_in(stage, "victim", "review", "report", "moderate")
    fields = {
        "form": browser.form,
        "kind": "spam",
        "text": "x",
        "stars": "1",
        "action": "quarantine",
        "reason": "x",
    }
    answer = browser.send(path, {**fields, "token": "x"}, **FORGERIES[forgery])
    assert answer.status == 403
    assert "not sent by this site" in Page(answer.body).text
    assert stage.get("/plugins/forged").status == 200
    assert "victim" in browser.page("/").text


@pytest.mark.parametrize("key", ["", "0" * 64, "another's"])
def test_a_form_without_this_visitors_key_does_nothing(stage, key):
    browser, other = signed_in(stage, "keyless"), signed_in(stage, "other-key")
    wrong = other.form if key == "another's" else key
    fields = {"kind": "spam", "text": f"Forged with {key[:9]!r}"}
    assert browser.send("/plugins/forged/report", {**fields, "form": wrong}).status == 403
    written = select(reports.c.id).where(reports.c.text == fields["text"])
    with stage.database.reading() as connection:
        assert connection.execute(written).first() is None
    assert browser.send("/plugins/forged/report", {**fields, "form": browser.form}).status == 303
    with stage.database.reading() as connection:
        assert connection.execute(written).first() is not None  # the control


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "nonsense", "text": "x"}, "not filled in"),
        ({"kind": "spam"}, "not filled in"),
        ({"kind": "spam", "text": ""}, "not filled in"),
        ({"kind": "spam", "text": "x" * 2001}, "not filled in"),
        ({"kind": "spam", "text": "a\u202eb"}, "invisible"),
        ({"kind": "spam", "text": "x", **{f"f{n}": "x" for n in range(30)}}, "cannot be read"),
    ],
)
def test_a_form_that_is_not_filled_in_is_a_page_that_says_so(stage, fields, said):
    browser = signed_in(stage, "sloppy")
    answer = browser.send("/plugins/acted/report", {**fields, "form": browser.form})
    assert (answer.status, said in Page(answer.body).text) == (400, True)


@pytest.mark.parametrize("media", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_not_read(stage, media):
    browser = signed_in(stage, "odd-sender")
    sent = {"form": browser.form, "kind": "spam", "text": "x"}
    assert browser.send("/plugins/acted/report", sent, Content_Type=media).status == 400


def test_a_form_that_is_too_large_is_not_read(stage):
    browser = signed_in(stage, "heavy-sender")
    sent = {"form": browser.form, "kind": "spam", "text": "x" * 100_000}
    assert browser.send("/plugins/acted/report", sent).status == 413


def test_a_session_is_worth_no_more_than_its_token(stage):
    browser = signed_in(stage, "reviewer-only", "review")
    for path, fields in (
        ("/plugins/acted/report", {"kind": "spam", "text": "x"}),
        ("/desk/acted", {"action": "quarantine", "reason": "x"}),
    ):
        assert browser.send(path, {**fields, "form": browser.form}).status == 403
    for path in ("/desk", "/desk/acted", "/desk/judged/2.0.0", "/plugins/acted/report"):
        assert browser.get(path).status == 403
    narrow = signed_in(stage, "narrow-judge", "moderate", plugin="acted")
    assert narrow.get("/desk").status == 403
    assert narrow.get("/desk/judged").status == 403
    assert narrow.get("/desk/acted").status == 200


def test_a_cookie_opens_no_api(stage):
    browser = signed_in(stage, "cookie-user")
    headers = {"Cookie": browser.cookie, "Origin": stage.url}
    assert stage.ask("PUT", "/api/plugins/acted/reviews", {"stars": 1}, headers=headers).status == 401


@pytest.mark.parametrize("path", ["/desk", "/desk/judged", "/desk/judged/2.0.0"])
def test_the_desk_is_shown_to_nobody_who_is_not_signed_in(stage, path):
    answer = stage.get(path)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/sign-in?next=/desk")
    assert answer.body == b""


def queue(browser):
    """The links on all pages of the desk's queue."""
    links, path = [], "/desk"
    while path:
        links += (shown := browser.page(path).links)
        path = next((link for link in shown if link.startswith("/desk?")), "")
    return links


def test_a_moderator_sees_why_looks_into_it_and_decides(stage):
    judge = signed_in(stage, "judge", "moderate")
    assert "/desk/judged" in queue(judge)
    case = judge.page("/desk/judged")
    assert "It calls itself suspicious" in case.text
    assert "+HIDDEN = 1" in judge.page("/desk/judged/2.0.0").text
    assert "2.0.0" not in stage_text(stage, "/plugins/judged")
    sent = {
        "form": judge.form,
        "action": "restore",
        "version": "2.0.0",
        "reason": "Only a word",
        "severity": "hard",
    }
    assert judge.send("/desk/judged", sent).headers["location"] == "/desk/judged"
    assert "2.0.0" in stage_text(stage, "/plugins/judged")
    assert "Only a word" in judge.page("/desk/judged").text
    assert "/desk/judged" not in queue(judge)


def test_a_decision_that_cannot_be_is_a_page_that_says_so(stage):
    judge = signed_in(stage, "second-judge", "moderate")
    for fields, status in (
        ({"action": "restore", "reason": "x"}, 409),
        ({"action": "yank", "reason": "x"}, 400),
        ({"action": "explode", "reason": "x"}, 400),
        ({"action": "restore", "reason": ""}, 400),
        ({"action": "yank", "reason": "x", "version": "../1"}, 404),
    ):
        assert judge.send("/desk/acted", {**fields, "form": judge.form}).status == status, fields
    assert judge.get("/desk/no-such").status == 404
