"""What an update changes is shown, and what is new in it must be agreed to."""

from __future__ import annotations

import hashlib
import json

import pytest
from registered.shop import moment


@pytest.fixture
def publish(shop, author, make, wheel):
    """Publish a version that requires these packages, with these further files."""

    def release(version, packages=(), files=None, **said):
        folder = make(version, dependencies=list(packages))
        hashes = {p: hashlib.sha256(wheel(*p.split("==")).read_bytes()).hexdigest() for p in packages}
        lock = "".join(f"{package} --hash=sha256:{digest}\n" for package, digest in hashes.items())
        (folder / "requirements.lock").write_text(lock) if lock else None
        for path, text in (files or {}).items():
            (folder / path).write_text(text)
        return shop.publish(folder, author, **said)

    return release


@pytest.fixture
def installed(customer, publish):
    publish("1.0", ["old==1.0"], {"src/notes.py": "a = 1\nb = 2\n"})
    customer.install()
    return customer


def update(server, seen, **agreed):
    params = {"fetched": seen["fetched"], "digest": seen["digest"], "consent": [], **agreed}
    return server.ask("plugin.install", **params)


def test_packages_and_files_are_shown(installed, publish):
    publish(
        "2.0", ["old==2.0", "new==1.0"], {"src/notes.py": "a = 1\nb = 3\nc = 4\n", "src/more.py": "x = 1"}
    )
    found = installed.inspect()["difference"]
    assert (found["added"], found["dropped"]) == (["new==1.0"], [])
    assert found["moved"] == [{"name": "old", "before": "1.0", "after": "2.0"}]
    files = {row["path"]: (row["kind"], row["lines_added"], row["lines_removed"]) for row in found["files"]}
    assert files["src/notes.py"] == ("changed", 2, 1)
    assert files["src/more.py"] == ("added", 1, 0)
    assert found["news"] == ["the package new 1.0"]


def test_a_new_package_must_be_agreed_to(installed, publish, server):
    publish("2.0", ["old==1.0", "new==1.0"])
    seen = installed.inspect()
    refused = server.explained(update(server, seen))
    assert (refused["kind"], "the package new 1.0" in refused["message"]) == ("permission", True)
    assert server.value("demo", "which")[0] == "1.0"
    assert update(server, seen, news=seen["difference"]["news"]).failure is None


def test_a_new_signer_must_be_agreed_to(installed, publish, author, server):
    author.rotate()
    publish("2.0", ["old==1.0"])
    seen = installed.inspect()
    assert seen["difference"]["signer"] == author.key.keyid
    assert author.key.keyid in server.explained(update(server, seen))["message"]
    assert update(server, seen, news=seen["difference"]["news"]).failure is None


def test_another_version_of_a_package_is_shown_and_not_asked_about(installed, publish, server):
    publish("2.0", ["old==2.0"])
    seen = installed.inspect()
    assert (seen["difference"]["news"], len(seen["difference"]["moved"])) == ([], 1)
    assert update(server, seen).failure is None


def test_what_was_agreed_to_is_what_was_shown(installed, publish, server):
    publish("2.0", ["old==1.0", "new==1.0"])
    shown = installed.inspect()["difference"]["news"]
    publish("3.0", ["old==1.0", "new==1.0", "newer==1.0"])
    refused = server.explained(update(server, installed.inspect(), news=shown))
    assert refused["message"].endswith("is new in plugin 'demo': the package newer 1.0")


def test_the_command_line_shows_it_and_asks(installed, publish, server):
    publish("2.0", ["old==1.0", "new==1.0"], {"src/notes.py": "\x1b[31mred\n"})
    checked = server.yesman("plugin", "update", "--check", "--json")
    (row,) = json.loads(checked.stdout)
    assert (checked.returncode, row["changes"]["asks"], row["changes"]["added_permissions"]) == (1, True, [])
    assert row["changes"]["difference"]["added"] == ["new==1.0"]
    refused = server.yesman("plugin", "update", "--diff")
    assert refused.returncode == 3
    for text in ("+ new==1.0", "src/notes.py (+1 -2 lines)", "\n-b = 2", "\n+\\x1b[31mred", "nobody agreed"):
        assert text in refused.stderr
    assert "\x1b[31m" not in refused.stderr
    assert server.yesman("plugin", "update", "--yes").returncode == 0
    assert server.value("demo", "which")[0] == "2.0"


@pytest.mark.usefixtures("installed")
def test_a_young_release_is_not_taken_by_name_either(publish, server):
    publish("2.0", ["old==1.0"], published=moment())
    said = server.yesman("plugin", "update", "demo")
    assert (said.returncode, "too young" in said.stderr) == (0, True)
    assert server.yesman("plugin", "update", "demo", "--now").returncode == 0
    assert server.value("demo", "which")[0] == "2.0"


def test_a_folder_of_one_s_own_is_not_compared(server, make):
    server.install(make("1.0"))
    assert server.inspect(make("2.0"))["difference"] is None
