"""The file holds whole entries, whatever fails."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal

import pytest


def write_many(journal, mark):
    for number in range(100):
        journal.append(f"- {mark} {number}")


def test_first_entry_brings_the_title(plugin, tmp_path):
    journal = plugin.journal.Journal(tmp_path / "journal.md")
    journal.append("- one")
    journal.append("- two")
    assert journal.path.read_text() == "# Session journal\n\n- one\n- two\n"
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_newest_entries_come_last_with_the_number_of_all(plugin, tmp_path):
    journal = plugin.journal.Journal(tmp_path / "journal.md")
    assert journal.last(5) == (0, [])
    for number in range(7):
        journal.append(f"- {number}")
    assert journal.last(2) == (7, ["- 5", "- 6"])
    assert journal.last(0) == (7, [])


def test_line_cut_by_a_crash_is_ended_first(plugin, tmp_path):
    journal = plugin.journal.Journal(tmp_path / "journal.md")
    journal.path.write_text("# Session journal\n\n- half")
    journal.append("- whole")
    assert journal.last(9) == (2, ["- half", "- whole"])


def test_entries_of_two_processes_never_mix(plugin, tmp_path):
    journal = plugin.journal.Journal(tmp_path / "journal.md")
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=write_many, args=(journal, mark * 30)) for mark in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    wanted = {f"- {mark * 30} {number}" for mark in "ab" for number in range(100)}
    assert set(journal.last(1000)[1]) == wanted


def fill_up(journal):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
    try:
        for number in range(100):
            journal.append(f"- {number:030}")
    except OSError:
        os._exit(7)


def test_full_disk_leaves_whole_entries(plugin, tmp_path):
    journal = plugin.journal.Journal(tmp_path / "journal.md")
    writer = multiprocessing.get_context("fork").Process(target=fill_up, args=(journal,))
    writer.start()
    writer.join(30)
    assert writer.exitcode == 7
    total, entries = journal.last(100)
    assert 0 < total < 100
    assert entries == [f"- {number:030}" for number in range(total)]
    assert journal.path.read_text().endswith("\n")


def test_symbolic_link_in_place_of_the_journal_is_refused(plugin, tmp_path):
    (tmp_path / "journal.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        plugin.journal.Journal(tmp_path / "journal.md").append("- one")
    assert not (tmp_path / "elsewhere").exists()
