"""Names that look like others are found; names that are themselves known are not."""

from __future__ import annotations

import pytest

from yesman.scan.confusables import is_disguised, skeleton
from yesman.scan.model import Outcome
from yesman.scan.names import KnownNames, well_known

KNOWN = ("git-insight", "session-journal", "notifier", "requests", "python-dateutil", "click")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("git-lnsight", ("disguised", "git-insight")),
        ("sessi0n-journal", ("disguised", "session-journal")),
        ("git-insigth", ("similar", "git-insight")),
        ("gitinsight", ("similar", "git-insight")),
        ("insight-git", ("similar", "git-insight")),
        ("reqeusts", ("similar", "requests")),
        ("python-dateutils", ("similar", "python-dateutil")),
        ("git-insight", ("", "")),
        ("weather", ("", "")),
        ("clack-game", ("", "")),
    ],
)
def test_what_a_name_is_taken_for(name, found):
    assert KnownNames(KNOWN).like(name) == found


def test_words_look_like_what_they_are_not():
    assert skeleton("\u0440\u0430\u0443\u0440\u0430l") == skeleton("paypal")
    assert skeleton("modern") == skeleton("modem")
    assert skeleton("ciient") == skeleton("client")
    assert skeleton("modern") != skeleton("model")
    assert is_disguised("\u0435\u0445\u0435\u0441")
    assert not is_disguised("größe")
    assert not is_disguised("мир")


def test_a_scan_names_both(scanned):
    scan = scanned(
        {"plugin.yaml": "name: git-lnsight\nversion: 1.0.0\n", "requirements.txt": "reqeusts\n"},
        plugins=KNOWN,
        packages=KNOWN,
    )
    assert {found.rule: found.message.split(": ")[1] for found in scan.findings} == {
        "name-disguised": "git-lnsight and git-insight",
        "dependency-similar": "reqeusts and requests",
    }


@pytest.mark.parametrize(
    "name",
    ["yesman-git-insight", "git-insight-plugin", "python-gitinsight", "Git_Insight_Py", "notifier-plugins"],
)
def test_words_that_say_nothing_make_no_other_name(name):
    assert KnownNames(KNOWN).like(name)[0] == "similar"


def test_requirements_are_compared_with_well_known_packages():
    known = KnownNames(well_known())
    assert not [name for name in well_known() if known.like(name)[0]]
    assert known.like("nurnpy") == ("disguised", "numpy")
    assert known.like("python-requests") == ("similar", "requests")
    assert known.like("beautifulsoup") == ("similar", "beautifulsoup4")


def test_plugins_are_compared_where_somebody_knows_them(scanned):
    assert scanned({}).outcome("names") is Outcome.PASSED
    named = {"plugin.yaml": "name: git-lnsight\nversion: 1.0.0\n"}
    assert scanned(named).outcome("names") is Outcome.PASSED
    assert scanned(named, plugins=KNOWN).outcome("names") is Outcome.FINDINGS
