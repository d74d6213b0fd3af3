"""The search for whom to blame, with commands that are functions."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.host.bisection import Bisection, Outcome, judge
from yesman.model.errors import UsageError

EIGHT = tuple("abcdefgh")


async def search(fails, plugins=EIGHT, needs=None, unclear=lambda _: False):
    """Return what is found, and with whom the command was run."""
    runs = []

    async def run(chosen):
        runs.append(chosen)
        if unclear(set(chosen)):
            return Outcome.UNCLEAR
        return Outcome.BAD if fails(set(chosen)) else Outcome.GOOD

    return await Bisection(plugins, lambda name: (needs or {}).get(name, ()), run).search(), runs


@pytest.mark.parametrize("culprit", EIGHT)
async def test_one_culprit_is_found_in_about_log2_steps(culprit):
    found, runs = await search(lambda on: culprit in on)
    assert (found.verdict, found.plugins) == ("culprit", (culprit,))
    assert len(runs) <= 2 + 2 * math.log2(len(EIGHT))
    assert found.runs == len(runs)


@pytest.mark.parametrize("pair", [("a", "h"), ("a", "b"), ("d", "e")])
async def test_a_pair_that_fails_only_together_is_found(pair):
    found, _ = await search(lambda on: on.issuperset(pair))
    assert (found.verdict, found.plugins) == ("together", pair)


@given(st.sets(st.sampled_from(EIGHT), min_size=1), st.sets(st.sampled_from(EIGHT), min_size=1))
async def test_whoever_is_named_fails_and_nobody_could_be_left_out(one, other):
    def fails(on):
        return one <= on or other <= on

    found, runs = await search(fails)
    named = set(found.plugins)
    assert fails(named)
    assert not any(fails(named - {each}) for each in named)
    assert len(set(runs)) == len(runs)


async def test_a_command_that_always_fails_blames_nobody():
    found, runs = await search(lambda _: True)
    assert (found.verdict, found.plugins, len(runs)) == ("without", (), 2)


async def test_a_command_that_never_fails_blames_nobody():
    found, runs = await search(lambda _: False)
    assert (found.verdict, runs) == ("passes", [EIGHT])


async def test_without_plugins_one_run_says_it_all():
    assert (await search(lambda _: True, ()))[0].verdict == "without"
    assert (await search(lambda _: False, ()))[0].verdict == "passes"


async def test_what_cannot_be_told_blames_nobody_for_it():
    found, _ = await search(lambda on: "c" in on, unclear=lambda on: len(on) == 1)
    assert "c" in found.plugins
    assert (found.verdict, len(found.plugins)) == ("together", 2)
    assert found.unclear
    assert (await search(lambda _: True, unclear=lambda on: len(on) == 8))[0].verdict == "unclear"


async def test_what_a_plugin_needs_runs_along_and_is_not_blamed_through_it():
    needs = {"a": ("h",), "b": ("h",)}
    found, runs = await search(lambda on: "h" in on, needs=needs)
    assert found.plugins == ("h",)
    assert all("h" in run for run in runs if "a" in run)
    assert (await search(lambda on: "a" in on, needs=needs))[0].plugins == ("a",)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, "good"), (1, "bad"), (124, "bad"), (125, "cannot tell"), (128, "bad"), (-11, "bad"), (255, "bad")],
)
def test_exit_codes_are_read_as_git_does(code, outcome):
    assert judge(code) is Outcome(outcome)


@pytest.mark.parametrize("code", [126, 127, 130])
def test_a_command_that_cannot_be_run_ends_the_search(code):
    with pytest.raises(UsageError, match=f"ended with {code}"):
        judge(code)
