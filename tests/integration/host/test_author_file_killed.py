"""Killed between any two lines, whoever makes or replaces a key leaves the old one or the new one, whole."""

from __future__ import annotations

from hosted.killed import killed_after, lines_of

from yesman.host.author_file import AuthorFile
from yesman.trust.author_keys import Chain

NOW = "2026-11-23T12:00:00+00:00"
MOMENTS = 40


def moments(work):
    """Return how many lines to let pass before each kill: spread over all of ``work``, and beyond it."""
    count = lines_of(work)
    return [*range(0, count, max(1, count // MOMENTS)), 2 * count]


def test_a_key_is_replaced_or_not(tmp_path):
    seen = set()
    other = AuthorFile(tmp_path / "measured" / "keys.json")
    other.create(NOW)
    for moment in moments(lambda: other.rotate(NOW)):
        file = AuthorFile(tmp_path / str(moment) / "keys.json")
        before = file.create(NOW)
        ended = killed_after(moment, lambda file=file: file.rotate(NOW))
        kept = file.required()
        assert kept.signing_key().keyid == kept.newest.keyid
        assert Chain(kept.keys).accepts(before.newest.keyid, kept.newest.keyid)
        seen.add((ended, len(kept.keys)))
    assert {(False, 1), (True, 2)} <= seen  # the control: some were killed in time, and some were not


def test_a_key_is_made_or_not(tmp_path):
    other = AuthorFile(tmp_path / "measured" / "keys.json")
    seen = set()
    for moment in moments(lambda: other.create(NOW)):
        file = AuthorFile(tmp_path / str(moment) / "keys.json")
        killed_after(moment, lambda file=file: file.create(NOW))
        seen.add(file.read() is None)
        kept = file.read() or file.create(NOW)  # nothing that was left is in the way
        assert kept.signing_key().keyid == kept.newest.keyid
    assert seen == {False, True}
