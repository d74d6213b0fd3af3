"""Attacks on the server's rules; each with a control that shows what would have succeeded."""

from __future__ import annotations

import base64

import pytest
from marketed.authors import Author
from sqlalchemy import select

from yesman.marketplace.schema import events, plugins, tokens


def row_of(market, name: str):
    with market.database.reading() as connection:
        return connection.execute(select(plugins).where(plugins.c.name == name)).one_or_none()


@pytest.mark.parametrize("version", ["1.0.0", "1.0", "1", "v1.0.0", "1.0.0.0"])
def test_a_published_version_never_changes(market, tmp_path, version):
    author = market.author("mutator")
    first = author.make(tmp_path / "a", "sealed")
    assert market.publish(author, first).status in (200, 201)
    other = author.make(tmp_path / "b" / version, "sealed", version, source="print('other')\n")
    answer = market.publish(author, other)
    assert (answer.status, answer.json["kind"]) == (409, "conflict")
    assert [v["sha256"] for v in market.get("/api/plugins/sealed").json["versions"]] == [first.sha256]
    # The control: as a version of its own the same code is taken.
    newer = author.make(
        tmp_path / "c" / version, f"sealed-{version.replace('.', '-')}", source="print('other')\n"
    )
    assert market.publish(author, newer).status == 201


def test_a_name_belongs_to_who_was_first(market, tmp_path):
    owner, thief = market.author("owner"), market.author("thief")
    assert market.publish(owner, owner.make(tmp_path / "o", "owned")).status == 201
    answer = market.publish(thief, thief.make(tmp_path / "t", "owned", "2.0.0"))
    assert (answer.status, answer.json["kind"]) == (403, "permission")
    assert market.publish(thief, thief.make(tmp_path / "t", "not-owned", "2.0.0")).status == 201


def test_a_removed_name_is_given_to_nobody(market, tmp_path):
    author, other = market.author("leaving"), market.author("arriving")
    market.publish(author, author.make(tmp_path / "a", "abandoned"))
    with market.database.writing() as connection:
        connection.execute(plugins.update().where(plugins.c.name == "abandoned").values(state="removed"))
    assert market.publish(other, other.make(tmp_path / "o", "abandoned", "9.0")).status == 403
    assert market.publish(author, author.make(tmp_path / "a", "abandoned", "9.0")).status == 409
    with pytest.raises(Exception, match="stay"), market.database.writing() as connection:
        connection.execute(plugins.delete().where(plugins.c.name == "abandoned"))


def test_a_name_that_somebody_needs_and_nobody_owns_is_kept_for_them(market, tmp_path):
    author, squatter = market.author("builder"), market.author("squatter")
    needs = author.make(tmp_path / "a", "house", dependencies="{plugins: [door]}")
    assert market.publish(author, needs).status == 201
    assert market.publish(squatter, squatter.make(tmp_path / "s", "door")).status == 403
    assert market.publish(squatter, squatter.make(tmp_path / "s", "window")).status == 201
    assert market.publish(author, author.make(tmp_path / "a", "door")).status == 201


def test_nobody_keeps_names_without_end(market, tmp_path):
    author, rooms = market.author("hoarder"), [f"room-{number}x" for number in range(7 * 18)]
    statuses = []
    for number in range(7):
        needed = ", ".join(rooms[number * 18 : (number + 1) * 18])
        house = author.make(tmp_path, f"manor-{number}q", dependencies=f"{{plugins: [{needed}]}}")
        statuses.append(market.publish(author, house).status)
    assert statuses == [201] * 5 + [400] * 2
    assert market.get("/api/plugins/manor-5q").status == 404
    other = market.author("newcomer")
    assert market.publish(other, other.make(tmp_path, "room-125x")).status == 201


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer yesman_" + "A" * 43])
def test_without_a_good_token_nothing_is_written(market, tmp_path, said):
    author = Author("nobody", "")
    signed = author.make(tmp_path, "tokenless")
    headers = {"Yesman-Envelope": base64.b64encode(signed.envelope).decode(), "Authorization": said}
    answer = market.ask("PUT", "/api/plugins/tokenless/versions/1.0.0", signed.package, headers=headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="yesman marketplace"')
    assert row_of(market, "tokenless") is None


@pytest.mark.parametrize("end", [{"revoked": "2026-01-01T00:00:00Z"}, {"expires": "2026-01-01T00:00:00Z"}])
def test_a_replayed_token_is_worth_nothing_after_its_end(market, tmp_path, end):
    author = market.author("replayed")
    field = next(iter(end))
    assert market.publish(author, author.make(tmp_path, f"before-{field}")).status == 201
    with market.database.writing() as connection:
        connection.execute(
            tokens.update()
            .values(end)
            .where(tokens.c.publisher_id == row_of(market, f"before-{field}").publisher_id)
        )
    assert market.publish(author, author.make(tmp_path, f"after-{field}")).status == 401
    assert row_of(market, f"after-{field}") is None


@pytest.mark.parametrize(
    ("scope", "method", "path", "body"),
    [
        ("publish", "PUT", "/api/plugins/scoped/versions/2.0.0", b"x"),
        ("yank", "PUT", "/api/plugins/scoped/versions/1.0.0/yank", {"reason": "x"}),
        ("review", "PUT", "/api/plugins/scoped/reviews", {"stars": 1}),
        ("report", "POST", "/api/plugins/scoped/reports", {"kind": "spam", "text": "x"}),
        (
            "keys",
            "POST",
            "/api/keys",
            {"keyid": "0" * 64, "public": "A" * 44, "since": "2026-01-01T00:00:00Z"},
        ),
    ],
)
def test_a_token_of_another_scope_is_refused(market, scope, method, path, body):
    others = tuple({"publish", "yank", "review", "report", "keys"} - {scope, "keys"}) or ("review",)
    author = market.author("scoped-author", *others)
    answer = market.ask(method, path, body, author, {"Yesman-Envelope": "eA=="})
    assert answer.status == 403
    assert f"'{scope}'" in answer.json["detail"]
    right = market.author("scoped-author", scope)  # the control: refused for another reason, if at all
    assert (
        f"'{scope}'" not in market.ask(method, path, body, right, {"Yesman-Envelope": "eA=="}).body.decode()
    )


def test_a_token_for_one_plugin_is_for_no_other(market, tmp_path):
    market.author("narrow")
    everything = market.author("narrow-keys")
    narrow = Author(
        "narrow-keys", market.author("narrow-keys", "publish", plugin="mine").token, everything.key
    )
    assert market.publish(narrow, narrow.make(tmp_path, "theirs")).status == 403
    assert market.publish(narrow, narrow.make(tmp_path, "mine")).status == 201


def test_a_package_signed_by_another_or_not_at_all_is_refused(market, tmp_path):
    author, other = market.author("signer"), market.author("other-signer")
    file = tmp_path / "signed-1.0.0.yplug"
    mine = author.make(tmp_path, "signed")
    theirs = other.sign(file)
    assert market.publish(author, mine._replace(envelope=theirs.envelope)).status == 422
    assert market.publish(author, mine._replace(envelope=b"{}")).status == 422
    assert row_of(market, "signed") is None
    assert market.publish(author, mine).status == 201


def test_an_envelope_is_for_one_package_only(market, tmp_path):
    author = market.author("replayer")
    old = author.make(tmp_path / "old", "enveloped")
    assert market.publish(author, old).status == 201
    new = author.make(tmp_path / "new", "enveloped", "2.0.0")
    assert market.publish(author, new._replace(envelope=old.envelope)).status == 422
    assert market.publish(author, new).status == 201


@pytest.mark.parametrize(("name", "version"), [("other", "1.0.0"), ("renamed", "1.0.1")])
def test_a_package_is_published_as_what_it_says_it_is(market, tmp_path, name, version):
    author = market.author("renamer")
    signed = author.make(tmp_path, "renamed")
    assert market.publish(author, signed, name=name, version=version).status == 400
    assert market.publish(author, signed).status in (200, 201)


@pytest.mark.parametrize("bad", [b"", b"not a package", b"\x1f\x8b" + bytes(1000)])
def test_what_is_no_package_is_refused(market, tmp_path, bad):
    author = market.author("garbage")
    signed = author.make(tmp_path, "garbled")
    answer = market.publish(author, signed, package=bad)
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert market.publish(author, signed).status in (200, 201)


def test_the_log_and_what_is_published_are_kept_by_the_database_itself(market, tmp_path):
    author = market.author("logged")
    market.publish(author, author.make(tmp_path, "log-keeper"))
    with market.database.reading() as connection:
        kinds = (
            connection.execute(select(events.c.kind).where(events.c.plugin == "log-keeper")).scalars().all()
        )
    assert kinds == ["claim", "publish"]
    for change in (events.delete(), events.update().values(kind="nothing")):
        with pytest.raises(Exception, match="stay"), market.database.writing() as connection:
            connection.execute(change)
