"""``yesman plugin scan``: the verdict decides the exit code, and a table that fits the terminal says why."""

from __future__ import annotations

import json

import pytest
from scanned.making import write
from scanned.malicious import MALICIOUS

from yesman.cli.main import run
from yesman.package.packing import pack
from yesman.scan.rules_table import SCANNERS

OSV = {
    "id": "GHSA-planted",
    "summary": "It lets others in",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "six"}, "versions": ["1.0"]}],
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")


def test_a_sound_plugin_passes(tmp_path, capsys):
    assert run(["plugin", "scan", str(write(tmp_path / "p", {}))]) == 0
    out = capsys.readouterr().out
    assert out.endswith("/p: passed\n")
    assert all(name in out for name in SCANNERS)


def test_a_malicious_one_is_refused_and_every_line_fits(tmp_path, capsys):
    folder = write(tmp_path / "p", MALICIOUS["SSH keys sent away"])
    assert run(["plugin", "scan", str(folder)]) == 4
    out = capsys.readouterr().out
    assert "[credentials-ssh]" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80


def test_a_package_is_scanned_like_its_folder(tmp_path, capsys):
    folder = write(tmp_path / "p", {"src/main.py": "import ctypes\n"})
    pack(folder, tmp_path / "p.yplug")
    assert run(["plugin", "scan", str(tmp_path / "p.yplug"), "--json"]) == 0
    packed = json.loads(capsys.readouterr().out)
    assert run(["plugin", "scan", str(folder), "--json", "--strict"]) == 2
    assert json.loads(capsys.readouterr().out) == packed
    assert [(found["rule"], found["line"]) for found in packed["findings"]] == [("native-code", 1)]


def test_what_could_not_be_looked_at_is_quarantined(tmp_path, capsys):
    folder = write(tmp_path / "p", "X = " + "-" * 200_000 + "1\n")
    assert run(["plugin", "scan", str(folder)]) == 1
    assert capsys.readouterr().out.endswith("/p: quarantined\n")


def test_advisories_are_imported_and_found(tmp_path, capsys):
    folder = write(tmp_path / "p", {"requirements.txt": "six==1.0\n"})
    (tmp_path / "osv.json").write_text(json.dumps(OSV))
    assert run(["plugin", "scan", str(folder), "--json"]) == 0
    assert outcome(capsys) == ("not_configured", [])
    assert run(["plugin", "advisories", str(tmp_path / "osv.json")]) == 0
    assert capsys.readouterr().out == "Imported 1 advisories about packages of PyPI, of 1 records.\n"
    assert run(["plugin", "scan", str(folder), "--json"]) == 0
    assert outcome(capsys) == ("findings", ["dependency-vulnerable"])


def outcome(capsys) -> tuple[str, list[str]]:
    scan = json.loads(capsys.readouterr().out)
    by_name = {each["name"]: each["outcome"] for each in scan["scanners"]}
    return by_name["advisories"], [found["rule"] for found in scan["findings"]]


def test_the_components_are_written(tmp_path, capsys):
    folder = write(tmp_path / "p", {})
    assert run(["plugin", "scan", str(folder), "--sbom", str(tmp_path / "p.json")]) == 0
    assert json.loads((tmp_path / "p.json").read_bytes())["metadata"]["component"]["name"] == "hello-there"


def test_what_is_not_there_is_said(tmp_path, capsys):
    assert run(["plugin", "scan", str(tmp_path / "none")]) == 5
    assert "There is no" in capsys.readouterr().err
