"""An interrupt never lands inside shielded lines, is never lost, and concerns the main thread only."""

from __future__ import annotations

import threading

import pytest

from yesman.worker.shield import Shield


def test_an_interrupt_outside_is_raised_at_once():
    with pytest.raises(KeyboardInterrupt):
        Shield().interrupt()


def test_an_interrupt_inside_waits_for_the_end():
    shield, steps = Shield(), []
    with pytest.raises(KeyboardInterrupt), shield:  # noqa: PT012 - what follows the interrupt is the subject
        shield.interrupt()
        steps.append("went on")
    assert steps == ["went on"]


def test_only_the_outermost_end_raises():
    shield, steps = Shield(), []
    with pytest.raises(KeyboardInterrupt), shield:  # noqa: PT012 - the nesting is the subject
        with shield:
            shield.interrupt()
        steps.append("still inside")
    assert steps == ["still inside"]


def test_a_forgotten_interrupt_is_not_raised():
    shield = Shield()
    with shield:
        shield.interrupt()
        shield.forget()


def test_the_shield_is_whole_again_after_an_interrupt():
    shield = Shield()
    with pytest.raises(KeyboardInterrupt), shield:
        shield.interrupt()
    with shield:
        pass


def test_lifted_lines_can_be_interrupted_and_the_shield_closes_again():
    shield, closed = Shield(), []
    with shield:
        with pytest.raises(KeyboardInterrupt):
            shield.lifted(shield.interrupt)
        with pytest.raises(KeyboardInterrupt), shield:  # noqa: PT012 - the order is the subject
            shield.interrupt()
            closed.append(True)
            shield.lifted(str)
    assert closed


def test_lifting_returns_what_was_waited_for():
    shield = Shield()
    with shield:
        assert shield.lifted(max, 1, 2) == 2


def test_other_threads_do_not_count():
    shield, failed = Shield(), []

    def inside_a_thread() -> None:
        with shield:
            failed.append(shield._depth)
            failed.append(shield.lifted(lambda: shield._depth))

    thread = threading.Thread(target=inside_a_thread)
    thread.start()
    thread.join()
    assert failed == [0, 0]
