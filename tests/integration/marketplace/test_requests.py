"""Requests as no honest client sends them: paths, queries, headers, endless and slow bodies."""

from __future__ import annotations

import socket
import time
from urllib.parse import quote, urlsplit

import pytest

TRICKS = [
    "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "a%00b", "%ff%fe", "con:x", "A", "%C5%BF",
    "x" * 65, "-x", "a\\b", "%0d%0aX-Injected:%201", "a;b", "a%3Fb", "a b".replace(" ", "%20"), "%E2%80%AEx",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize(
    "path",
    ["/api/plugins/{}", "/api/plugins/{}/reviews", "/packages/{}", "/packages/{}.yplug", "/metadata/{}",
     "/targets/{}", "/targets/index/{}.json", "/metadata/1.{}.json"],
)  # fmt: skip
def test_no_path_leads_anywhere_else(market, path, trick):
    answer = market.get(path.format(trick))
    assert answer.status in (400, 404), answer.body[:200]
    assert b"root:" not in answer.body
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize("trick", TRICKS)
def test_no_part_of_a_publishing_path_leads_anywhere_else(market, trick):
    author = market.author("pathfinder")
    for path in (f"/api/plugins/{trick}/versions/1.0", f"/api/plugins/fine/versions/{trick}"):
        answer = market.ask("PUT", path, b"x", author, {"Yesman-Envelope": "eA=="})
        assert answer.status in (400, 404), answer.body[:200]


def test_keys_database_and_settings_are_not_served(own):
    own.start()
    for name in (
        "market.json",
        "market.db",
        "root.json",
        "keys/online",
        "spool",
        ".lock",
        "metadata/",
        "targets/",
    ):
        for path in (f"/{name}", f"/metadata/../../{name}", f"/packages/..%2f..%2f{name}"):
            assert own.get(path).status in (400, 404), path
    assert own.get("/metadata/timestamp.json").status == 200
    assert own.get("/metadata/1.root.json").body == own.folder.root_file.read_bytes()


@pytest.mark.parametrize(
    "query",
    ['"', "'", '" OR 1=1 --', "a* NOT b", "NEAR(a b)", "words:x", "{a b}:c", "^a", "a:* & b | !c", "<->", "%",
     "\\",
     "(", ")))", "a\u0000b", "\ud83d\ude00", "·git", "AND", "'; DROP TABLE plugins; --", "a" * 200],
)  # fmt: skip
def test_a_query_is_words_to_both_databases(market, query):
    answer = market.get(f"/api/plugins?q={quote(query, errors='surrogatepass')}")
    assert answer.status in (200, 400), answer.body[:300]
    if answer.status == 200:
        assert isinstance(answer.json, list)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "sort=evil", "cursor=!!", "cursor=W10", "cursor=WyJ4Iiwx",
     f"q={'x' * 201}",
     "cursor=WzEsMV0&sort=name", "cursor=" + "A" * 401, "cursor=WzFlOTk5LDFd",
     "cursor=WzEsOTk5OTk5OTk5OTk5OTld"],
)  # fmt: skip
def test_wrong_parameters_are_the_client_s_fault(market, query):
    answer = market.get(f"/api/plugins?{query}")
    assert answer.status == 400, answer.body[:300]
    assert answer.json["status"] == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_a_client_sends_stays_out_of_headers(market):
    category = "%0d%0aSet-Cookie:%20a=b"
    answer = market.get(f"/api/plugins?category={category}&q=%0d%0aX-Evil:1")
    assert "set-cookie" not in answer.headers
    assert "x-evil" not in answer.headers


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(market):
    author = market.author("large")
    length = 65 * 1024 * 1024
    head = (
        f"PUT /api/plugins/large/versions/1.0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {author.token}\r\n"
        f"Yesman-Envelope: eA==\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    assert b" 413 " in market.raw(head.encode()).split(b"\r\n")[0]


def test_an_endless_body_is_cut_off(market):
    author = market.author("endless")
    place = urlsplit(market.url)
    head = (
        "PUT /api/plugins/endless/versions/1.0 HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {author.token}\r\nYesman-Envelope: eA==\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((str(place.hostname), place.port), timeout=60) as line:
        line.sendall(head.encode())
        piece = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        sent = 0
        try:
            for _ in range(200):
                line.sendall(piece)
                sent += 1
        except OSError:
            pass
        assert sent < 200
    assert list(market.folder.spool.iterdir()) == []
    assert market.get("/api/health").status == 200


def test_a_json_body_is_bounded(market):
    author = market.author("wordy")
    answer = market.ask("PUT", "/api/plugins/wordy/reviews", {"stars": 5, "text": "x" * 100_000}, author)
    assert answer.status == 413
    assert (
        market.ask("PUT", "/api/plugins/wordy/reviews", {"stars": 5, "text": "x" * 2001}, author).status
        == 400
    )
    assert (
        market.ask("PUT", "/api/plugins/wordy/reviews", {"stars": 5, "text": "x" * 2000}, author).status
        == 404
    )


def test_headers_that_never_end_are_not_waited_for(market):
    place = urlsplit(market.url)
    with socket.create_connection((str(place.hostname), place.port), timeout=60) as line:
        line.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        assert line.recv(1000) == b"" or b" 408 " in line.recv(1000)
        assert time.monotonic() - began < 50


def test_who_asks_too_often_is_told_when_to_come_again(own):
    own.start(REAL_LIMITS="1")
    statuses = [
        own.ask("POST", "/api/keys", {}, headers={"Authorization": "Bearer x"}).status for _ in range(25)
    ]
    assert statuses[:20] == [401] * 20
    last = own.ask("POST", "/api/keys", {}, headers={"Authorization": "Bearer x"})
    assert last.status == 429
    assert 1 <= int(last.headers["retry-after"]) <= 10
    assert last.json["title"] == "Too Many Requests"
    assert own.get("/api/plugins").status == 200


def test_answers_that_cost_much_count_as_many(own):
    own.start(REAL_LIMITS="1")
    assert [own.get("/api/plugins").status for _ in range(5)] == [200] * 5, "the control"
    own.stop()
    own.start(READ_SECONDS="0.0000001")
    assert own.get("/api/plugins").status == 200
    last = own.get("/api/plugins")
    assert last.status == 429
    assert 1 <= int(last.headers["retry-after"]) <= 20
