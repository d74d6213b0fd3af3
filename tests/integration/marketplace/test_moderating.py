"""Weighted reports quarantine, a re-review restores; moderators decide; clients see it in signed files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from marketed.checking import client_of
from marketed.desk import Desk
from sqlalchemy import func, select

from yesman.marketplace.deciding import Moderator
from yesman.marketplace.moderating import revoke
from yesman.marketplace.schema import events, publishers


@pytest.fixture
def desk(market):
    return Desk(market)


@pytest.fixture
def published(market, tmp_path):
    """Publish a plugin; return its author."""

    def publish(name, version="1.0.0", **said):
        author = market.author(f"{name}-author")
        answer = market.publish(author, author.make(tmp_path, name, version, **said))
        assert answer.status in (201, 202), answer.body
        return author

    return publish


def quarantined(desk, name):
    """Have a plugin that is younger than a day quarantined by a trusted reporter and a stranger."""
    market = desk.market
    desk.report(name, market.author(f"{name}-stranger"), market.author(f"{name}-guard", trusted=True))


def test_weighted_reports_quarantine_and_a_re_review_restores_the_very_same_index(
    desk, market, published, tmp_path
):
    author = published("falsely")
    before = client_of(market, tmp_path / "a").index_of("falsely")
    quarantined(desk, "falsely")
    assert "falsely" in desk.queue()
    assert market.get("/api/plugins/falsely").status == 404
    assert client_of(market, tmp_path / "b").index_of("falsely").releases == ()
    path = "/api/plugins/falsely/review-requests"
    assert market.ask("POST", path, {"text": "It reads its own key"}, author).status == 202
    assert desk.case("falsely")["requests"][0]["text"] == "It reads its own key"
    assert desk.decide("falsely", "restore").status == 201
    assert client_of(market, tmp_path / "b").index_of("falsely") == before
    assert market.get("/api/plugins?q=falsely").json[0]["name"] == "falsely"
    assert "falsely" not in desk.queue()


def test_an_author_asks_once_a_decision_and_sees_the_reasons_but_no_names(desk, market, published):
    author = published("asks")
    quarantined(desk, "asks")
    path, said = "/api/plugins/asks/review-requests", {"text": "Please look"}
    assert market.ask("POST", path, said, market.author("nosy")).status == 403
    assert [market.ask("POST", path, said, author).status for _ in range(2)] == [202, 409]
    assert desk.decide("asks", "reject", "It does").status == 201
    assert "asks" not in desk.queue()
    standing = market.ask("GET", "/api/plugins/asks/standing", None, author)
    (decision,) = standing.json["decisions"]
    assert (decision["action"], decision["reason"], decision["can_ask"]) == ("reject", "It does", True)
    assert b"judge" not in standing.body
    assert b"asks-guard" not in standing.body
    assert market.ask("POST", path, said, author).status == 202
    assert "asks" in desk.queue()


def test_what_its_scan_held_back_is_released_by_a_moderator(desk, market, published, tmp_path):
    published("odd-one", description="A suspicious plugin")
    case = desk.case("odd-one")
    assert [(held["version"], held["reason"]) for held in case["held"]] == [
        ("1.0.0", "It calls itself suspicious")
    ]
    assert case["decisions"][0]["by"] == ""
    assert client_of(market, tmp_path / "a").index_of("odd-one").releases == ()
    assert desk.decide("odd-one", "restore", version="1.0").json["held"] == []
    assert client_of(market, tmp_path / "b").index_of("odd-one").releases[0].version == "1.0.0"
    assert market.get("/api/plugins/odd-one").json["latest_version"]["version"] == "1.0.0"


def test_a_moderator_yanks_and_unyanks_in_the_author_s_place(desk, market, published, tmp_path):
    published("yankable")
    assert desk.decide("yankable", "yank", "A hole").status == 400, "it needs a version"
    assert desk.decide("yankable", "yank", "A hole", version="1.0.0").status == 201
    index = client_of(market, tmp_path / "a").index_of("yankable")
    assert [release.yanked for release in index.releases] == ["A hole"]
    assert desk.decide("yankable", "unyank", "Mended", version="1.0.0").status == 201
    index = client_of(market, tmp_path / "a").index_of("yankable")
    assert [release.yanked for release in index.releases] == [""]


def test_a_removed_plugin_is_gone_and_its_name_is_given_to_nobody(desk, market, published, tmp_path):
    author = published("malicious")
    first = author.make(tmp_path, "malicious")
    assert market.publish(author, first).status == 200
    assert desk.decide("malicious", "remove", "It steals").json["state"] == "removed"
    assert client_of(market, tmp_path / "a").index_of("malicious").releases == ()
    again = author.make(tmp_path / "again", "malicious", "2.0.0")
    assert [market.publish(author, signed).status for signed in (first, again)] == [409, 409]
    stranger = market.author("heir")
    assert market.publish(stranger, stranger.make(tmp_path / "heir", "malicious", "3.0.0")).status == 403
    for action in ("restore", "quarantine", "remove"):
        assert desk.decide("malicious", action).status == 409


@pytest.mark.parametrize("kind", [("", "hard"), ("1.0", "soft")])
def test_a_revocation_reaches_clients_in_the_signed_list_and_is_taken_back(
    desk, market, published, tmp_path, kind
):
    version, severity = kind
    name = f"revoked-{severity}"
    published(name)
    assert (
        desk.decide(name, "revoke", "It sends tokens away", version=version, severity=severity).status == 201
    )
    (found,) = [r for r in client_of(market, tmp_path / "a").revocations().entries if r.plugin == name]
    assert (found.severity, found.reason) == (severity, "It sends tokens away")
    assert found.covers(name, "1.0.0")
    assert not found.covers("another", "1.0.0")
    assert desk.case(name)["revoked"][0]["severity"] == severity
    assert desk.decide(name, "unrevoke", "By mistake", version=version).json["revoked"] == []
    assert name not in {r.plugin for r in client_of(market, tmp_path / "b").revocations().entries}
    assert desk.decide(name, "unrevoke", version=version).status == 404


def test_a_stolen_key_is_revoked_with_its_owner_s_tokens_and_signs_nothing_more(
    desk, market, published, tmp_path
):
    thief = published("robbed")
    keyid = thief.public.keyid
    path = f"/api/moderation/keys/{keyid}/revocation"
    assert market.ask("PUT", path, {"reason": "Stolen"}, desk.moderator).status == 200
    assert keyid in {r.keyid for r in client_of(market, tmp_path / "a").revocations().entries}
    next_one = thief.make(tmp_path, "robbed", "1.0.1")
    assert market.publish(thief, next_one).status == 401
    thief.token = market.author("robbed-author").token
    refused = market.publish(thief, next_one)
    assert (refused.status, "is revoked" in refused.json["detail"]) == (422, True)
    assert market.ask("DELETE", path, None, desk.moderator).status == 204
    assert market.publish(thief, next_one).status == 201, "the control"


def test_who_reports_wrongly_weighs_less_each_time(desk, market, published):
    guard = market.author("hasty-guard", trusted=True)
    for number in range(2):
        published(f"harmless-{number}")
        desk.report(f"harmless-{number}", guard)
        assert desk.decide(f"harmless-{number}", "restore").status == 201
    published("harmless-2")
    desk.report("harmless-2", guard)
    assert market.get("/api/plugins/harmless-2").status == 200
    assert [report["weight"] for report in desk.case("harmless-2")["reports"]] == [1]
    assert desk.decide("harmless-2", "dismiss", good_faith=True).json["reports"] == []
    with market.database.reading() as connection:
        query = select(publishers.c.dismissed).where(publishers.c.name == "hasty-guard")
        assert connection.execute(query).scalar_one() == 2


def test_nobody_reports_without_end(market, published):
    published("patient")
    path, said = "/api/plugins/patient/reports", {"kind": "spam", "text": "x"}
    chatty = market.author("chatty")
    statuses = [market.ask("POST", path, said, chatty).status for _ in range(51)]
    assert statuses == [202] * 50 + [429]
    last = market.ask("POST", path, said, chatty)
    assert int(last.headers["retry-after"]) > 0
    assert market.ask("POST", path, said, market.author("quiet")).status == 202


def test_what_is_yanked_can_still_be_reported(market, published):
    author, yank = published("regretted"), "/api/plugins/regretted/versions/1.0.0/yank"
    assert market.ask("PUT", yank, {"reason": "It sends keys away"}, author).status < 300
    said = {"kind": "malware", "text": "It reads keys"}
    assert market.ask("POST", "/api/plugins/regretted/reports", said, market.author("late")).status == 202
    assert market.ask("POST", "/api/plugins/never-there/reports", said, market.author("late")).status == 404


def test_nobody_decides_without_the_scope_or_about_their_own(desk, market, published, tmp_path):
    author = published("guarded")
    for path in ("queue", "plugins/guarded", "revocations"):
        assert market.ask("GET", f"/api/moderation/{path}", None, author).status == 403
        assert market.get(f"/api/moderation/{path}").status == 401
    decision = {"action": "remove", "reason": "x"}
    assert market.ask("POST", "/api/moderation/plugins/guarded/decisions", decision, author).status == 403
    market.publish(desk.moderator, desk.moderator.make(tmp_path, "own-one"))
    assert desk.decide("own-one", "quarantine").status == 403
    one = market.author("narrow", "moderate", plugin="guarded")
    assert market.ask("GET", "/api/moderation/plugins/guarded", None, one).status == 200
    assert market.ask("GET", "/api/moderation/queue", None, one).status == 403


def test_the_log_tells_everybody_what_happened_and_nobody_who_reported_or_decided(desk, market, published):
    published("logged")
    quarantined(desk, "logged")
    desk.decide("logged", "restore", "All is well")
    public = desk.log("logged", public=True)
    assert [event["kind"] for event in public] == ["restore", "quarantine", "publish", "claim"]
    assert [event["publisher"] for event in public] == ["", "", "logged-author", "logged-author"]
    assert [event["detail"] for event in public[:2]] == ["All is well", ""]
    whole = desk.log("logged")
    assert [event["kind"] for event in whole].count("report") == 2
    assert whole[0]["publisher"] == "judge"
    assert market.ask("GET", "/api/events", None, market.author("reader")).status == 403


def test_the_database_itself_keeps_the_log_as_it_is(market):
    with market.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar_one() > 0
    for change in (events.delete(), events.update().values(detail="x")):
        with pytest.raises(Exception, match="stay"), market.database.writing() as connection:
            connection.execute(change)


def test_a_decision_whose_server_is_killed_is_published_by_the_next(own, tmp_path):
    own.start()
    desk, author = Desk(own), own.author("somebody")
    own.publish(author, author.make(tmp_path, "halfway"))
    own.stop()
    with own.database.writing() as connection:  # and here it dies
        revoke(connection, Moderator.called(connection, "judge"), "halfway", "It steals")
    own.start()
    assert [r.plugin for r in client_of(own, tmp_path / "client").revocations().entries] == ["halfway"]
    assert desk.case("halfway")["revoked"]


def test_moderators_and_reporters_at_the_same_moment_leave_one_state_for_everybody(
    desk, market, published, tmp_path
):
    published("contested")
    crowd = [market.author(f"crowd-{number}", trusted=number == 0) for number in range(4)]
    desks = [Desk(market, f"judge-{number}") for number in range(4)]
    actions = ("quarantine", "restore", "revoke", "yank")
    said = {"kind": "spam", "text": "x"}
    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(market.ask, "POST", "/api/plugins/contested/reports", said, each) for each in crowd
        ]
        for each, action in zip(desks * 3, actions * 3, strict=True):
            version = {"version": "1.0.0"} if action == "yank" else {}
            asked.append(pool.submit(each.decide, "contested", action, **version))
        statuses = {answer.result().status for answer in asked}
    assert max(statuses) < 500, statuses
    case, index = desk.case("contested"), client_of(market, tmp_path / "a").index_of("contested")
    assert len(index.releases) == (1 if case["state"] == "active" else 0)
    assert len(case["revoked"]) == 1


def test_a_reason_that_a_client_would_not_read_is_refused_before_anything_is_written(desk, market, published):
    published("quoted")
    for reason in ("two\nlines", "\u202etfel ot", "x\x1b[2J"):
        assert desk.decide("quoted", "revoke", reason).status == 400, reason
    assert desk.case("quoted")["decisions"] == []
    assert desk.decide("quoted", "quarantine", "two\nlines").status == 201


def test_a_yank_that_is_sent_again_judges_no_report_that_came_since(desk, market, published, tmp_path):
    author = published("twice-yanked")
    assert market.publish(author, author.make(tmp_path, "twice-yanked", "1.1.0")).status == 201
    assert desk.decide("twice-yanked", "yank", version="1.0.0").status == 201
    desk.report("twice-yanked", market.author("late-reporter"))
    again = desk.decide("twice-yanked", "yank", version="1.0.0")
    assert (again.status, len(again.json["reports"])) == (201, 1)
    assert [event["kind"] for event in desk.log("twice-yanked")].count("force-yank") == 1
    assert desk.decide("twice-yanked", "yank", version="1.1.0").json["reports"] == []


def test_nobody_takes_back_the_revocation_of_a_key_of_their_own(market):
    desk, other = Desk(market, "judge-with-a-key"), Desk(market, "second-judge")
    path = f"/api/moderation/keys/{desk.moderator.public.keyid}/revocation"
    assert market.ask("PUT", path, {"reason": "It was stolen"}, other.moderator).status == 200
    again = market.author("judge-with-a-key", "moderate")
    assert market.ask("DELETE", path, None, again).status == 403
    assert market.ask("DELETE", path, None, other.moderator).status == 204
