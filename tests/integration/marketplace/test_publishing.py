"""A package is published, found, fetched, and verified as a client does it."""

from __future__ import annotations

import hashlib
import os
from urllib.parse import urlsplit

import pytest
from marketed.checking import client_of


def test_what_is_published_can_be_found_fetched_and_verified(market, tmp_path):
    author = market.author("alice")
    signed = author.make(tmp_path, "first-steps", description="Walks before it runs")
    answer = market.publish(author, signed)
    assert (answer.status, answer.json["state"]) == (201, "published"), answer.body

    (found,) = market.get("/api/plugins?q=walks+befo").json
    assert (found["id"], found["publisher"]) == ("first-steps", "alice")
    fetched = market.get(urlsplit(found["latest_version"]["download_url"]).path)
    assert fetched.body == signed.package
    assert hashlib.sha256(fetched.body).hexdigest() == found["latest_version"]["sha256"]

    index = client_of(market, tmp_path / "trust").index_of("first-steps")
    assert [(r.version, r.sha256, r.signer) for r in index.releases] == [
        ("1.0.0", signed.sha256, author.key.keyid)
    ]


def test_details_have_what_the_plan_s_client_reads(market, tmp_path):
    author = market.author("plan-author")
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        assert market.publish(author, author.make(tmp_path, "planned", version)).status == 201
    details = market.get("/api/plugins/planned").json
    assert details["latest_version"]["version"] == "1.10.0"
    url = next(v["download_url"] for v in details["versions"] if v["version"] == "1.9.0")
    assert market.get(urlsplit(url).path).status == 200
    assert details["latest_version"]["download_url"].startswith(market.url)


def test_the_same_package_again_is_answered_the_same_way(market, tmp_path):
    author = market.author("again")
    signed = author.make(tmp_path, "twice")
    first, second = market.publish(author, signed), market.publish(author, signed)
    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json
    assert len(market.get("/api/plugins/twice").json["versions"]) == 1


def test_a_yanked_release_stays_and_is_latest_no_more(market, tmp_path):
    author = market.author("yanker")
    for version in ("1.0", "2.0"):
        market.publish(author, author.make(tmp_path, "yanked", version))
    path = "/api/plugins/yanked/versions/2.0/yank"
    assert market.ask("PUT", path, {"reason": "It eats homework"}, author).json == {"state": "replaced"}
    details = market.get("/api/plugins/yanked").json
    assert details["latest_version"]["version"] == "1.0"
    assert {v["version"]: v["yanked"] for v in details["versions"]} == {"2.0": "It eats homework", "1.0": ""}
    assert market.ask("DELETE", path, None, author).status == 200
    assert market.get("/api/plugins/yanked").json["latest_version"]["version"] == "2.0"


def test_a_suspicious_package_waits_and_is_seen_by_nobody(market, tmp_path):
    author = market.author("suspect")
    signed = author.make(tmp_path, "waiting", description="quite suspicious")
    answer = market.publish(author, signed)
    assert (answer.status, answer.json["state"]) == (202, "quarantined")
    assert answer.json["reason"] == "It calls itself suspicious"
    assert market.get("/api/plugins/waiting").json.get("versions", []) == []
    assert market.get("/api/plugins?q=waiting").json == []
    assert market.get(f"/packages/{signed.sha256}.yplug").status == 404


def test_a_package_that_is_refused_leaves_nothing(market, tmp_path):
    author = market.author("villain")
    answer = market.publish(author, author.make(tmp_path, "wicked", description="evil"))
    assert answer.status == 422
    assert "It calls itself evil" in answer.json["detail"]
    assert market.get("/api/plugins/wicked").status == 404
    friend = market.author("friend")
    assert market.publish(friend, friend.make(tmp_path / "x", "wicked")).status == 201


def test_downloads_are_counted(own, tmp_path):
    own.start()
    author = own.author("counted")
    signed = author.make(tmp_path, "popular")
    own.publish(author, signed)
    for _ in range(3):
        own.get(f"/packages/{signed.sha256}.yplug")
    own.ask("HEAD", f"/packages/{signed.sha256}.yplug")
    assert own.stop() == 0
    assert own.start().get("/api/plugins/popular").json["downloads"] == 3


@pytest.mark.parametrize("size", [100_000, 9_000_000])
def test_large_packages_come_back_byte_for_byte(market, tmp_path, size):
    author = market.author("heavy")
    signed = author.make(tmp_path, f"heavy-{size}", asset=os.urandom(size))
    assert len(signed.package) > size
    assert market.publish(author, signed).status == 201
    assert market.get(f"/packages/{signed.sha256}.yplug").body == signed.package
