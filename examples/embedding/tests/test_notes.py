"""The program with its own commands, and with a plugin's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTES = "2026-01-01 buy milk\n2026-01-01 write\n2026-01-02 rest\n"
MAIN = Path(__file__).resolve().parent.parent / "src" / "notes" / "main.py"


@pytest.fixture
def file(user):
    file = user.home / "notes" / "notes.txt"
    file.write_text(NOTES)
    return file


def test_the_programs_own_commands_work(user, file):
    assert user.notes("count").stdout == "3\n"
    assert user.notes("list", "--word", "milk").stdout == "2026-01-01 buy milk\n"
    user.notes("add", "one\nmore")
    assert file.read_text().endswith(" one more\n")


def test_help_shows_whose_command_is_whose(user):
    own, _, plugins = user.notes("--help").stdout.partition("Plugin commands:")
    assert "report" not in own
    assert "  report  Print how many notes were taken on which day" in plugins


def test_the_plugin_counts_what_is_piped_in(user):
    said = user.notes("report", "--json", typed=NOTES).stdout
    assert json.loads(said) == {"2026-01-01": 2, "2026-01-02": 1}


def test_the_plugin_reads_the_file_it_was_granted(user, file):
    said = user.notes("report", "--json", "--least", "2", "--source", str(file)).stdout
    assert json.loads(said) == {"2026-01-01": 2}


def test_the_plugin_reads_no_other_file(user):
    other = user.home / "diary.txt"
    other.write_text(NOTES)
    refused = user.notes("report", "--source", str(other), code=3)
    assert "Error: plugin 'notes-report' lacks permission 'filesystem.read:" in refused.stderr
    assert refused.stdout == ""


def test_without_its_permission_it_says_what_to_type(user, file):
    user.notes("plugin", "revoke", "notes-report", "--all")
    refused = user.notes("report", "--source", str(file), code=3)
    assert "notes plugin grant notes-report" in refused.stderr
    user.notes("plugin", "grant", "notes-report", "filesystem.read:~/notes")
    user.notes("report", "--source", str(file))


def test_a_wrong_option_is_a_usage_error(user):
    assert "Invalid value for '--least'" in user.notes("report", "--least", "few", code=2).stderr


def test_it_takes_less_than_ten_lines():
    mentioning = [line for line in MAIN.read_text().splitlines() if "plugin" in line.lower()]
    code = [line for line in mentioning if not line.startswith('"""')]
    assert 0 < len(code) < 10
