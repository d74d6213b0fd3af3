"""Another machine gets exactly the plugins of a lock file: asked once, again the same, whatever is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from hosted.desk import desk_of
from registered.locked import lock
from registered.shop import Author

OTHERS = {"installed_at", "settings", "previous"}
"""What is each machine's own."""


@pytest.fixture
def first(customer, shop, author, make, wheel):
    """A machine with three plugins, one of which requires something; its lock file."""
    needy = make("1.0.0", ["session.read", "session.modify"], dependencies=["thing"], name="needy")
    shop.publish(lock(needy, wheel("thing")), author)
    for name in ("other", "last"):
        shop.publish(make("1.0.0", ["session.read"], name=name), author)
    shop.publish(make("2.0.0", ["session.read"], name="other"), author)
    for name, version in (("needy", ""), ("other", "1.0.0"), ("last", "")):
        customer.install(name, version)
    server = customer.server
    server.call("plugin.revoke", name="needy", permissions=["session.modify"])
    server.call("plugin.pin", name="other")
    server.call("plugin.disable", name="last")
    return server.home.registry


@pytest.fixture
def second(first, shop, environ, tmp_path):
    """Another machine that trusts the same registry and has no plugin."""
    user = tmp_path / "second"
    user.mkdir()
    with desk_of(user) as desk:
        desk.environ |= {"PIP_FIND_LINKS": environ["PIP_FIND_LINKS"]}
        add = ("market", "add", str(shop.files), "--root", str(shop.root), "--name", "shop", "--fingerprint")
        mark = desk.yesman(*add, "0", code=4).stderr.partition("fingerprint: ")[2].partition(".")[0]
        desk.yesman(*add, mark)
        yield desk


def records(path):
    found = json.loads(path.read_bytes())
    return {n: {key: v for key, v in found[n].items() if key not in OTHERS} for n in sorted(found)}


def here(desk):
    return records(desk.home / "plugin_registry.json")


def test_the_second_machine_has_what_the_first_has_byte_by_byte(first, second):
    assert second.yesman("plugin", "sync", str(first), "--check", code=1).stdout.count(" install ") == 3
    second.yesman("plugin", "sync", str(first), "--yes")
    assert here(second) == records(first)
    for record in records(first).values():
        folder = record["digest"].replace(":", "-")
        ours, theirs = (sorted((home / "store").rglob("*")) for home in (first.parent, second.home))
        assert [p.name for p in ours] == [p.name for p in theirs], folder
        assert [p.read_bytes() for p in ours if p.is_file()] == [
            p.read_bytes() for p in theirs if p.is_file()
        ]
    assert second.yesman("plugin", "sync", str(first)).stdout == "All plugins are as the file has them.\n"
    assert json.loads(second.yesman("plugin", "sync", str(first), "--check", "--json").stdout) == []


def test_nothing_is_done_unasked_and_one_question_is_asked(first, second):
    refused = second.yesman("plugin", "sync", str(first), code=3).stderr
    assert "plugin sync" in refused
    assert not (second.home / "plugin_registry.json").exists()
    terminal = second.terminal("plugin", "sync", str(first))
    terminal.read_until("[y/N]")
    terminal.type_until("y\n", "needy is 1.0.0 now.")
    assert terminal.end() == 0
    assert terminal.shown.count("[y/N]") == 1
    assert here(second) == records(first)


def test_what_is_not_in_the_file_goes_and_what_changed_is_changed_back(first, second, make):
    second.yesman("plugin", "sync", str(first), "--yes")
    second.yesman("plugin", "install", str(make(name="extra", provides=[])), "--yes")
    second.yesman("plugin", "grant", "needy", "session.modify")
    second.yesman("plugin", "pin", "other", "--off")
    second.yesman("plugin", "install", "other==2.0.0", "--yes")
    second.yesman("plugin", "enable", "last")
    before = {row["name"]: row["act"] for row in changes(second, first)}
    assert before == {"needy": "change", "other": "update", "last": "change", "extra": "remove"}
    second.yesman("plugin", "sync", str(first), "--yes")
    assert here(second) == records(first)


def changes(desk, path):
    return json.loads(desk.yesman("plugin", "sync", str(path), "--check", "--json", code=1).stdout)


@pytest.mark.parametrize(("field", "said"), [("digest", "another content"), ("key", "another signer")])
def test_what_is_not_what_the_file_says_is_refused_and_the_rest_done(first, second, tmp_path, field, said):
    data = json.loads(first.read_bytes())
    data["other"][field] = data["other"]["consent"][field] = data["needy"][field][:-4] + "0000"
    file = tmp_path / "lock.json"
    file.write_text(json.dumps(data))
    assert said in second.yesman("plugin", "sync", str(file), "--yes", code=4).stderr
    assert sorted(here(second)) == ["last", "needy"]


def test_what_needs_another_plugin_may_stand_before_it(customer, shop, make, first, second):
    for name, needed in (("base", []), ("dependent", ["base>=1.0"])):
        shop.publish(make(name=name, dependencies={"packages": [], "plugins": needed}), Author())
        customer.install(name)
    turned = second.home / "lock.json"
    turned.write_text(json.dumps(dict(reversed(json.loads(first.read_bytes()).items()))))
    second.yesman("plugin", "sync", str(turned), "--yes")
    assert here(second) == records(first)


@pytest.fixture
def needier(first, shop, author, make, wheel):
    """A new version of a plugin, which requires what it did not before."""
    found = make("2.0.0", ["session.read"], dependencies=["thing", "more"], name="last")
    return lambda: shop.publish(lock(found, wheel("thing"), wheel("more")), author)


def test_an_update_may_bring_a_package_that_the_list_names(customer, first, second, needier):
    second.yesman("plugin", "sync", str(first), "--yes")
    needier()
    customer.install("last")
    second.yesman("plugin", "sync", str(first), "--yes")
    assert here(second) == records(first)
    assert "more==" in here(second)["last"]["lock"]


def test_a_file_cannot_grant_what_a_plugin_does_not_ask_for(first, second, tmp_path):
    data = json.loads(first.read_bytes())
    data["last"]["grants"] = ["session.read", "session.modify", "network.external"]
    file = tmp_path / "lock.json"
    file.write_text(json.dumps(data))
    second.yesman("plugin", "sync", str(file), "--yes", code=None)
    assert here(second)["last"]["grants"] == ["session.read"]


def test_what_is_no_lock_file_is_refused(server, tmp_path):
    file = tmp_path / "lock.json"
    for data in (b"", b"[]", b"{", b'{"a": {}}', b'{"a": {"version": 1}}', b"\xff"):
        file.write_bytes(data)
        assert server.refusal("plugin.differences", file=str(file))["kind"] == "usage"
    assert server.refusal("plugin.differences", file=str(tmp_path / "none"))["kind"] == "not-found"


def test_killed_at_any_moment_the_next_run_goes_on(first, second):
    command = [sys.executable, "-m", "yesman", "plugin", "sync", str(first), "--yes"]
    for pause in (0.5, 1.0, 1.5, 2.0):
        with subprocess.Popen(command, env=second.environ, stderr=subprocess.DEVNULL) as running:
            try:
                running.wait(pause)
            except subprocess.TimeoutExpired:
                second.kill_server()
                running.send_signal(signal.SIGKILL)
        for record in here(second).values() if (second.home / "plugin_registry.json").exists() else ():
            assert record["digest"] in {each["digest"] for each in records(first).values()}
    second.yesman("plugin", "sync", str(first), "--yes")
    assert here(second) == records(first)
