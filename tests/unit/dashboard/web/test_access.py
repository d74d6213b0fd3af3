"""Links work once, passwords are guessed slowly, and what is kept is of no use to who reads it."""

from __future__ import annotations

import pytest

from yesman.dashboard.web.access import (
    GUESS_SECONDS,
    LINK_SECONDS,
    MOST_LINKS,
    MOST_SESSIONS,
    SESSION_SECONDS,
    Access,
    Password,
)


class Clock:
    """Stands still."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def access(clock):
    return Access(Password("correct horse battery"), clock)


def test_a_link_lets_one_browser_in_once(access):
    key = access.invite()
    secret = access.follow(key)
    assert access.visitor(secret) is not None
    assert access.follow(key) is None


def test_each_browser_has_a_form_key_of_its_own_that_tells_nothing_of_its_secret(access):
    one, two = (access.follow(access.invite()) for _ in range(2))
    forms = {access.visitor(one).form, access.visitor(two).form}
    assert len(forms) == 2
    assert not forms & {one, two}


def test_a_link_is_good_for_ten_minutes(access, clock):
    key = access.invite()
    clock.now += LINK_SECONDS - 1
    assert access.follow(key) is not None
    late = access.invite()
    clock.now += LINK_SECONDS
    assert access.follow(late) is None


def test_a_browser_is_forgotten_after_a_day_and_when_it_leaves(access, clock):
    one, two = (access.follow(access.invite()) for _ in range(2))
    access.leave(one)
    assert access.visitor(one) is None
    assert access.visitor(two) is not None
    clock.now += SESSION_SECONDS
    assert access.visitor(two) is None


@pytest.mark.parametrize("secret", ["", "x", "\udcff", "a" * 10_000])
def test_what_nobody_was_given_is_nobodys(access, secret):
    access.follow(access.invite())
    assert access.visitor(secret) is None
    assert access.follow(secret) is None


def test_the_oldest_links_and_browsers_give_way(access):
    links = [access.invite() for _ in range(MOST_LINKS + 1)]
    assert access.follow(links[0]) is None
    assert access.follow(links[1]) is not None
    browsers = [access.follow(access.invite()) for _ in range(MOST_SESSIONS + 1)]
    assert access.visitor(browsers[0]) is None
    assert access.visitor(browsers[1]) is not None


def test_the_password_lets_in_and_no_other(access, clock):
    assert access.visitor(access.guess("correct horse battery")) is not None
    assert access.guess("correct horse batterx") is None


def test_of_guesses_one_a_second_is_looked_at(access, clock):
    assert access.guess("wrong") is None
    assert access.guess("correct horse battery") is None, "too soon, whoever it is"
    clock.now += GUESS_SECONDS
    assert access.guess("correct horse battery") is not None


def test_without_a_password_none_lets_in(clock):
    access = Access(None, clock)
    assert not access.by_password
    assert access.guess("") is None


def test_what_is_kept_holds_no_secret(access):
    key = access.invite()
    secret = access.follow(access.invite())
    kept = repr(vars(access)) + repr(vars(vars(access)["_password"]))
    assert not any(each in kept for each in (key, secret, "correct horse"))
