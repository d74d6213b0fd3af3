"""What an operator does on the server's machine: moderation and keys, by the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from marketed.checking import client_of
from marketed.desk import Desk

from yesman.model.errors import VerificationError


def yesman(*arguments, code=0, columns="80"):
    """Run a command; return what it printed, read where it is JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "yesman", "market", *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "COLUMNS": columns},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr


@pytest.fixture
def stocked(own, tmp_path):
    """A marketplace whose server runs, with one plugin, and its author."""
    own.start()
    author = own.author("ada")
    own.publish(author, author.make(tmp_path, "diary"))
    return own, author


def test_the_queue_is_worked_off_while_the_server_runs(stocked, tmp_path):
    market, _ = stocked
    folder, before = market.folder.path, client_of(market, tmp_path / "a").index_of("diary")
    Desk(market).report("diary", market.author("guard", trusted=True))
    (waiting,) = yesman("moderate", "queue", folder, "--json")
    assert (waiting["name"], waiting["state"], waiting["reports"][0]["weight"]) == ("diary", "quarantined", 2)
    for shown in (yesman("moderate", "queue", folder), yesman("moderate", "show", folder, "diary")):
        assert "quarantined" in shown
        assert max(map(len, shown.splitlines())) <= 80
    done = yesman("moderate", "restore", folder, "diary", "--reason", "Looked at", "--as", "ada-m", "--json")
    assert (done["state"], done["decisions"][0]["by"]) == ("active", "ada-m")
    assert client_of(market, tmp_path / "b").index_of("diary") == before
    assert "Nobody waits" in yesman("moderate", "queue", folder)
    assert "restore" in yesman("moderate", "log", folder, "--plugin", "diary")
    assert market.get("/api/plugins/diary").status == 200


def test_a_revocation_from_the_command_line_is_signed_at_once(stocked, tmp_path):
    market, _ = stocked
    folder = market.folder.path
    yesman("moderate", "revoke", folder, "diary", "--version", "1.0", "--soft", "--reason", "Slow")
    (found,) = client_of(market, tmp_path / "a").revocations().entries
    assert (found.plugin, found.version, found.severity) == ("diary", "1.0.0", "soft")
    yesman("moderate", "unrevoke", folder, "diary", "--version", "1.0", "--reason", "Fast now")
    assert client_of(market, tmp_path / "b").revocations().entries == ()
    refused = yesman("moderate", "yank", folder, "diary", "9.9", "--reason", "x", code=5)
    assert "There is no version 9.9" in refused


def test_a_stolen_author_key_is_found_and_revoked(stocked, tmp_path):
    market, author = stocked
    folder, keyid = market.folder.path, author.public.keyid
    (row,) = yesman("keys", "authors", folder, "--json")
    assert (row["publisher"], row["keyid"], row["revoked"]) == ("ada", keyid, "")
    yesman("keys", "revoke", folder, keyid, "--reason", "Stolen")
    assert [r.keyid for r in client_of(market, tmp_path / "a").revocations().entries] == [keyid]
    assert yesman("keys", "authors", folder, "ada", "--json")[0]["revoked"] == "hard"
    assert market.publish(author, author.make(tmp_path, "diary", "1.1")).status == 401
    yesman("keys", "unrevoke", folder, keyid, "--reason", "Found again")
    assert client_of(market, tmp_path / "b").revocations().entries == ()


def test_roles_are_listed_and_what_offline_keys_sign_is_signed_anew_with_keys_from_elsewhere(
    stocked, tmp_path
):
    market, _ = stocked
    folder, vault = market.folder.path, tmp_path / "vault"
    shutil.move(market.folder.offline_keys, vault)
    before = {role["role"]: role for role in yesman("keys", "list", folder, "--json")}
    assert before["root"]["here"] == []
    assert len(before["bin"]["here"]) == 1
    assert "holds no key for" in yesman("keys", "renew", folder, code=5)
    yesman("keys", "renew", folder, "--offline", vault)
    after = {role["role"]: role for role in yesman("keys", "list", folder, "--offline", vault, "--json")}
    assert after["root"]["here"] == after["root"]["keyids"]
    for role in ("root", "targets", "claims", "index"):
        assert after[role]["version"] > before[role]["version"], role
    assert max(map(len, yesman("keys", "list", folder).splitlines())) <= 80
    assert client_of(market, tmp_path / "client").index_of("diary")


def test_a_name_is_claimed_offline_and_given_free(stocked, tmp_path):
    market, author = stocked
    folder = market.folder.path
    yesman("keys", "claim", folder, "diary")
    claim = client_of(market, tmp_path / "a").claims_of("diary")
    assert claim.keys == (author.public.keyid,)
    other = "ab" * 32
    yesman("keys", "claim", folder, "notes", other)
    assert client_of(market, tmp_path / "b").claims_of("notes").keys == (other,)
    yesman("keys", "unclaim", folder, "diary")
    client = client_of(market, tmp_path / "b")
    assert (client.claims_of("diary"), client.claims_of("notes").keys) == (None, (other,))
    assert "no claim" in yesman("keys", "claim", folder, "diary", "nonsense", code=2)


@pytest.mark.parametrize("more", [(), ("--rebuild",)])
def test_stolen_online_keys_are_locked_out(stocked, tmp_path, more):
    market, author = stocked
    folder = market.folder.path
    index, client = client_of(market, tmp_path / "a").index_of("diary"), tmp_path / "a"
    before = {role["role"]: role["keyids"] for role in yesman("keys", "list", folder, "--json")}
    market.stop()
    yesman("keys", "rotate", folder, *more)
    after = {role["role"]: role["keyids"] for role in yesman("keys", "list", folder, "--json")}
    for role in ("snapshot", "timestamp", "bin", "revocations"):
        assert not set(before[role]) & set(after[role])
    market.start()
    assert client_of(market, client).index_of("diary") == index
    assert market.publish(author, author.make(tmp_path, "diary", "1.1")).status == 201
    assert len(client_of(market, client).index_of("diary").releases) == 2
    assert "no role" in yesman("keys", "rotate", folder, "root", code=2)


def test_a_root_is_signed_from_hand_to_hand(own, tmp_path):
    folder, file, vault = own.folder.path, tmp_path / "next.json", own.folder.offline_keys
    assert "2" in yesman("keys", "draft", folder, file)
    assert "too few" in yesman("keys", "publish", folder, file, code=4)
    yesman("keys", "sign", file, "--keys", vault)
    assert yesman("keys", "publish", folder, file, "--json") == {"version": 2}
    assert own.objects.read("metadata/2.root.json", 1 << 16).content == file.read_bytes()
    yesman("keys", "publish", folder, file, code=4)


def contents(market):
    return {path: market.objects.read(path, 1 << 30).content for path in market.objects.paths()}


def test_an_older_copy_is_refused_until_snapshot_and_timestamp_have_new_keys(stocked, tmp_path):
    market, author = stocked
    folder, client, copy = market.folder.path, tmp_path / "client", contents(market)
    market.publish(author, author.make(tmp_path, "diary", "1.1"))
    assert len(client_of(market, client).index_of("diary").releases) == 2
    stored = market.objects.read("metadata/timestamp.json", 1 << 20)
    for path in set(contents(market)) - set(copy):
        market.objects.remove(path)
    market.objects.replace("metadata/timestamp.json", copy["metadata/timestamp.json"], stored.tag)
    with pytest.raises(VerificationError, match="rolled back"):
        client_of(market, client).index_of("diary")
    market.stop()
    yesman("keys", "rotate", folder, "snapshot", "timestamp")
    market.start()
    assert len(client_of(market, client).index_of("diary").releases) == 1
