"""What changed between two texts, whatever they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yesman.marketplace.pages.comparing import MOST_CHARACTERS, MOST_LINES, File, compared
from yesman.package.differing import FURTHEST, Patience, changed

LINES = st.lists(st.sampled_from("abcde"), max_size=40)
STEPS = 3_000_000


def diff(old, new):
    found = changed(old, new, Patience(STEPS))
    assert found is not None
    return found


@given(LINES, LINES)
def test_removing_and_adding_makes_the_one_of_the_other(old, new):
    lines = diff(old, new)
    removed = {line.old: line.text for line in lines if line.mark == "-"}
    added = {line.new: line.text for line in lines if line.mark == "+"}
    kept_old = [text for at, text in enumerate(old, 1) if at not in removed]
    kept_new = [text for at, text in enumerate(new, 1) if at not in added]
    assert kept_old == kept_new
    assert all(old[at - 1] == text for at, text in removed.items())
    assert all(new[at - 1] == text for at, text in added.items())


def test_only_what_is_near_a_change_is_shown():
    old = [f"line {number}" for number in range(100)]
    new = [*old[:50], "new", *old[50:]]
    marks = "".join(line.mark for line in diff(old, new))
    assert marks == "@   +   @"
    assert [line.text for line in diff(old, new) if line.mark == "+"] == ["new"]


def test_equal_texts_have_no_changes():
    assert [line for line in diff(["a"], ["a"]) if line.mark != "@"] == []


def test_what_differs_too_much_is_said_to():
    old, new = [f"a{i}" for i in range(FURTHEST)], [f"b{i}" for i in range(FURTHEST)]
    assert changed(old, new, Patience(STEPS)) is None
    assert changed(old[:100], new[:100], Patience(STEPS)) is not None  # the control


def test_patience_ends_and_is_not_left_for_the_next():
    patience = Patience(5_000)
    old, new = [str(i % 7) for i in range(2000)], [str(i % 11) for i in range(2000)]
    assert changed(old, new, patience) is None
    assert changed(["a"], ["b"], patience) is None


def test_no_more_is_shown_than_a_page_can_hold():
    texts = {f"f{number}": "x" * 1000 + "\n" + "y" * 1000 + "\n" for number in range(300)}
    files = {path: File(path, len(text), text) for path, text in texts.items()}
    made = compared({}, files)
    shown = [line for change in made.changes for line in change.lines]
    assert sum(len(line.text) for line in shown) == MOST_CHARACTERS
    assert "not shown" in made.changes[-1].note
    assert made.changes[0].note == "", "the control: there was room for it"
    narrow = {path: File(path, 400, "x\n" * 200) for path in texts}
    assert sum(len(change.lines) for change in compared({}, narrow).changes) == MOST_LINES
