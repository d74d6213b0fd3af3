"""Records as people read them, and the times they may name."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from yesman.cli.audit import KINDS, RecordDisplay, moment, sentence
from yesman.cli.top import since, table
from yesman.host.ledger import WEIGHTS
from yesman.model.errors import UsageError

RECORD = {"id": 1, "time": 1.5, "kind": "denial", "plugin": "demo", "what": "filesystem.read:/x\x1b[2J\n"}


def test_a_record_is_one_harmless_line():
    text = sentence({**RECORD, "detail": {"authority": "advisory", "seen_by": "plugin", "count": 3}})
    assert "demo  denial (advisory)  filesystem.read:/x\\x1b[2J\\n  seen_by=plugin count=3" in text
    assert "\n" not in text


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86400)])
def test_so_long_ago(text, seconds):
    assert moment(text, 1_000_000.0) == 1_000_000.0 - seconds


def test_a_time():
    assert moment("2026-01-31T12:00+00:00", 0.0) == 1769860800.0
    assert moment("2026-01-31", 0.0) == datetime(2026, 1, 31).timestamp()  # noqa: DTZ001 - local time is meant


@pytest.mark.parametrize("text", ["", "yesterday", "10", "1y", "99999999999d", "-5m", "999999999w"])
def test_what_is_no_time(text):
    with pytest.raises(UsageError, match="is no time"):
        moment(text, 0.0)


def test_records_are_shown_as_they_come_however_they_are_cut(capsys):
    display = RecordDisplay(as_json=True)
    line = json.dumps({**RECORD, "detail": {}}).encode()
    display.show("out", line[:7])
    assert capsys.readouterr().out == ""
    display.show("out", line[7:] + b"\n" + line[:3])
    assert json.loads(capsys.readouterr().out)["what"] == RECORD["what"]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_long_record_is_broken_where_the_terminal_is_narrow_and_nothing_is_lost(capsys, monkeypatch, width):
    detail = {"digest": "sha256:" + "0" * 64, "asked": [f"session.modify:work-{n}" for n in range(9)]}
    line = json.dumps({**RECORD, "detail": detail}).encode() + b"\n"
    monkeypatch.setenv("COLUMNS", str(width))
    RecordDisplay(as_json=False).show("out", line)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= width
    assert "".join(shown.split()) == "".join(sentence({**RECORD, "detail": detail}).split())
    assert all(part.startswith("    ") for part in shown.splitlines()[1:])


def test_a_record_that_goes_into_a_file_is_one_line(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    RecordDisplay(as_json=False).show(
        "out", json.dumps({**RECORD, "detail": {"x": "y" * 500}}).encode() + b"\n"
    )
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_every_kind_can_be_asked_for():
    assert set(KINDS) == set(WEIGHTS)


def row(**changed):
    usage = {"cpu_seconds": 1.0, "seconds": 10.0, "cpu_percent": 10.0, "rss_kib": 2048, "pss_kib": None}
    known = {"name": "demo", "state": "running", "pid": 7, "calls": 3, "calls_per_second": 0.5, "denials": 1}
    return known | usage | changed


def test_the_processors_share_is_of_the_last_second():
    assert since([row()], [row(cpu_seconds=1.5, seconds=11.0)])[0]["cpu_percent"] == 50.0
    assert since([row()], [row(pid=8, cpu_percent=3.0)])[0]["cpu_percent"] == 3.0


def test_a_table_for_people():
    assert table([row()]).splitlines()[1].split() == ["demo", "running", "7", "0.5", "3", "1", "10.0", "2.0"]
    assert table([]) == "No plugins are installed."
