"""Whole plugins, honest and not: how many are told apart. The table is printed with -s."""

from __future__ import annotations

from pathlib import Path

import pytest
from scanned.benign import BENIGN
from scanned.making import scan_here
from scanned.malicious import MALICIOUS

from yesman.scan.model import Verdict

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/**/plugin.yaml"))


def table(scanned, corpus: dict[str, object]) -> dict[str, tuple[Verdict, list[str]]]:
    rows = {}
    for name, changed in corpus.items():
        scan = scanned(changed)
        rows[name] = scan.verdict, sorted({found.rule for found in scan.findings})
        print(f"{name:36} {scan.verdict:12} {', '.join(rows[name][1])}")  # noqa: T201 - the table
    return rows


def test_every_malicious_plugin_is_refused(scanned):
    rows = table(scanned, MALICIOUS)
    missed = [name for name, (verdict, _) in rows.items() if verdict is not Verdict.REFUSED]
    print(f"detected: {len(rows) - len(missed)} of {len(rows)}")  # noqa: T201 - the table
    assert not missed
    assert len(rows) >= 40


def test_no_benign_plugin_is_warned_of(scanned):
    rows = table(scanned, BENIGN)
    alarms = {name: rules for name, (verdict, rules) in rows.items() if verdict is not Verdict.PASSED}
    print(f"false alarms: {len(alarms)} of {len(rows)}")  # noqa: T201 - the table
    assert not alarms
    assert len(rows) >= 40


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_no_example_is_warned_of(rules, folder):
    scan = scan_here(folder, rules)
    assert (scan.verdict, scan.findings) == (Verdict.PASSED, ())
