"""What clients would refuse to read reaches no index, and never keeps those of others back."""

from __future__ import annotations

import pytest
from marketed.checking import client_of
from marketed.desk import Desk

from yesman.marketplace.schema import plugins, releases


@pytest.mark.parametrize("reason", ["one line\nand another", "tab\there"])
def test_a_yank_with_a_reason_that_no_client_reads_is_refused_and_all_goes_on(market, tmp_path, reason):
    name = f"lines-{len(reason)}"
    author = market.author(f"{name}-author")
    assert market.publish(author, author.make(tmp_path, name)).status == 201
    path = f"/api/plugins/{name}/versions/1.0.0/yank"
    assert market.ask("PUT", path, {"reason": reason}, author).status == 400
    assert Desk(market).decide(name, "yank", reason, version="1.0.0").status == 400
    assert client_of(market, tmp_path / "c").index_of(name).releases[0].yanked == ""
    assert market.ask("PUT", path, {"reason": "one line"}, author).status == 200


def requiring(count):
    """Return what is said and held by a plugin that requires ``count`` packages."""
    names = [f"package-{number}" for number in range(count)]
    lock = "".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in names)
    return {"dependencies": {"packages": names}, "files": {"requirements.lock": lock.encode()}}


def test_a_release_that_no_client_would_read_is_not_published(market, tmp_path):
    author = market.author("greedy-author")
    refused = market.publish(author, author.make(tmp_path, "greedy", **requiring(257)))
    assert refused.status == 400, refused.body
    taken = market.publish(author, author.make(tmp_path, "greedy", **requiring(256)))
    assert taken.status in (201, 202), taken.body


def test_an_index_that_cannot_be_made_keeps_no_other_back_nor_the_start(own, tmp_path):
    own.start()
    author = own.author("someone")
    for name in ("broken-one", "whole-one"):
        assert own.publish(author, author.make(tmp_path, name)).status == 201
    with own.database.writing() as connection:  # as an older server took it
        connection.execute(releases.update().where(releases.c.id == 1).values(yanked="two\nlines"))
        connection.execute(plugins.update().where(plugins.c.name == "broken-one").values(wanted=9))
    assert own.publish(author, author.make(tmp_path, "whole-one", "1.1.0")).status == 201
    own.stop()
    own.start()
    assert Desk(own).decide("whole-one", "revoke", "It steals").status == 201
    assert own.ask("DELETE", "/api/plugins/broken-one/versions/1.0.0/yank", None, author).status == 200
    assert len(client_of(own, tmp_path / "c").index_of("broken-one").releases) == 1
