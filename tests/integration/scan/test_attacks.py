"""Plugins made to break whoever looks at them: none passes unseen, and beside each stands one that does."""

from __future__ import annotations

import pytest
from scanned.making import write

from yesman.scan.confined import Scans
from yesman.scan.model import Outcome, Verdict

DEEP, LONG = 6_000, 300_000
TOO_MUCH = {
    "parentheses": ("X = " + "(" * DEEP + ")" * DEEP + "\n", "X = " + "(" * 20 + "1" + ")" * 20 + "\n"),
    "signs": ("X = " + "-" * LONG + "1\n", "X = --1\n"),
    "attributes": ("X = a" + ".b" * LONG + "\n", "X = a.b.b\n"),
    "sums": ("X = " + "1+" * LONG + "1\n", "X = 1+1\n"),
    "texts": ("X = " + "'a'+" * LONG + "'b'\n", "X = " + "'a'+" * 30 + "'b'\n"),
    "constants": ("X = 'a' + 'b'\n" * 25_000, "X = 'a' + 'b'\n" * 50),
    "a huge module": ("X = 1\n" * 200_000, "X = 1\n" * 2_000),
    "a huge text": ({"README.md": "\u00e9 " * (4 << 20)}, {"README.md": "\u00e9 " * 1_000}),
}
REFUSED = {
    "null bytes": "X = 1\0\nimport os\n",
    "utf-7": b"# coding: utf-7\n+AGkAbQBwAG8AcgB0- os\n",
    "rot13, in the second line": b"#!/usr/bin/python\n# vim: set fileencoding=rot13 :\nvzcbeg bf\n",
    "a mark before the cookie": b"\xef\xbb\xbf# coding: unicode_escape\nX = 1\n",
}
BAIT = {
    "assets/a.js": "curl " + "a" * 500_000,
    "assets/b.sh": "curl a " * 30_000,
    "assets/c.html": "<!--" * 50_000 + "<span display:none" * 5_000,
    "docs/d.md": "https://" * 50_000 + "eyJ" * 50_000,
    "src/e.py": "X = '" + "A" * 500_000 + "'\n",
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_what_is_too_much_to_look_at_is_quarantined(tmp_path, name):
    scan = await Scans().scan(write(tmp_path, TOO_MUCH[name][0]))
    assert scan.verdict is Verdict.QUARANTINED


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_less_of_it_passes(tmp_path, name):
    scan = await Scans().scan(write(tmp_path, TOO_MUCH[name][1]))
    assert scan.verdict is Verdict.PASSED


@pytest.mark.parametrize("name", REFUSED)
async def test_what_hides_from_readers_is_refused(tmp_path, name):
    assert (await Scans().scan(write(tmp_path, REFUSED[name]))).verdict is Verdict.REFUSED


async def test_bait_for_slow_patterns_is_looked_at_all_the_same(tmp_path):
    scan = await Scans().scan(write(tmp_path, BAIT))
    assert {each.outcome for each in scan.scanners} <= {Outcome.PASSED, Outcome.NOT_CONFIGURED}


async def test_a_plugin_that_takes_too_long_is_quarantined(tmp_path):
    tokens = {f"docs/m{number}.py": "X = [" + "1," * LONG + "]\n" for number in range(60)}
    folder = write(tmp_path, tokens)
    scan = await Scans(seconds=3.0).scan(folder)
    assert (scan.verdict, scan.findings) == (Verdict.QUARANTINED, ())
    assert "did not finish" in scan.scanners[0].why


async def test_a_flood_of_findings_hides_nothing(tmp_path):
    flood = {f"src/m{number}.py": "import ctypes\n" * 50 for number in range(300)}
    scan = await Scans().scan(
        write(tmp_path, flood | {"src/z.py": "import zlib\nx = zlib.decompress(b'')\nexec(x)\n"})
    )
    assert (scan.verdict, scan.findings[0].file) == (Verdict.REFUSED, "src/z.py")
