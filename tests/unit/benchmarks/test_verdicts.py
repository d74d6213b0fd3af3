"""Verdicts: what fails a run, what is only reported."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import report
from benchmarks.machine import Quiet, Taken
from benchmarks.memory_map import Held
from benchmarks.rows import (
    Beside,
    Measured,
    Result,
    Row,
    Unit,
    Verdict,
    counted,
    exit_code,
    worth_another_try,
)
from benchmarks.stats import Added, Samples
from benchmarks.table import ROWS

ROW = Row(
    "a.row", "a row", Unit.MILLISECONDS, "test", lambda _: Measured(MEASURED), plan=10, budget={50: 5, 95: 8}
)
MEASURED = Samples.of(number / 1000 for number in (4, 4, 4))


def came_out(*milliseconds: float, beside: tuple[Beside, ...] = (), row: Row = ROW) -> Result:
    return Result(row, Measured(Samples.of(number / 1000 for number in milliseconds), beside))


def test_within_every_limit_is_ok():
    assert came_out(4, 4, 4).verdict is Verdict.WITHIN
    assert exit_code([came_out(4, 4, 4)]) == 0


def test_our_own_budget_is_reported_and_does_not_fail_the_run():
    result = came_out(6, 6, 6)
    assert result.verdict is Verdict.OVER_BUDGET
    assert result.missed == ("p50: 6 ms, not ≤ 5",)
    assert exit_code([result]) == 0


def test_the_plans_limit_binds_the_95th_percentile_and_fails_the_run():
    result = came_out(1, 1, 1, 1, 11, 11)
    assert result.figure(50) < 10
    assert result.verdict is Verdict.OVER_PLAN
    assert exit_code([came_out(4), result]) == 1


def test_the_plans_limit_is_below_not_at():
    assert came_out(10, row=replace(ROW, budget={})).verdict is Verdict.OVER_PLAN


def test_a_missed_limit_is_measured_again_only_when_others_took_the_processors():
    over = came_out(11)
    assert worth_another_try(replace(over, others=0.5))
    assert not worth_another_try(replace(over, others=0.01))
    assert not worth_another_try(replace(came_out(4), others=0.5))


def test_a_try_that_keeps_the_limit_or_was_quiet_counts():
    noisy = replace(came_out(11), others=0.5)
    for sound in (replace(came_out(4), others=0.9), replace(came_out(12), others=0.01)):
        assert counted([noisy, sound]).figure(50) == sound.figure(50)
    assert "measured 2 times" in report.lines(counted([noisy, sound]))


def test_of_tries_that_were_all_disturbed_the_counted_counts_whatever_it_says():
    tries = [replace(came_out(number), others=share) for number, share in ((11, 0.5), (13, 0.2), (12, 0.3))]
    assert counted(tries).figure(50) == 13
    assert exit_code([counted(tries)]) == 1


def test_a_row_without_limits_has_no_verdict():
    assert came_out(99, row=replace(ROW, plan=None, budget={})).verdict is Verdict.NONE


def test_a_floor_may_be_exceeded_so_many_times_and_a_peer_must_be_so_much_slower():
    floor = Beside("echo", Samples.of([0.001]), floor=True, wanted=4)
    peer = Beside("other", Samples.of([0.020]), wanted=10)
    assert came_out(4, beside=(floor,)).missed == ()
    assert came_out(4, beside=(peer,)).missed == ("other: 5x, not ≥ 10x",)
    assert came_out(5, beside=(floor,)).missed == ("echo: 5x, not ≤ 4x",)


def test_every_printed_line_fits():
    beside = tuple(Beside(f"something to compare with, number {n}", Samples.of([0.1])) for n in range(5))
    text = report.lines(came_out(*range(1, 30), beside=beside)) + "\n" + report.header()
    assert max(map(len, text.splitlines())) <= report.WIDTH


def test_a_difference_is_no_multiple_of_what_it_was_taken_from():
    less, more = Samples.of([0.1, 0.1]), Samples.of([0.1, 0.1])
    result = Result(ROW, Measured(Added(more, less), (Beside("without", less),)))
    assert "inf" not in report.lines(result)
    assert report.as_data(result)["beside"][0]["ratio"] is None


def test_rows_have_names_of_their_own_and_lines_that_fit():
    assert len({row.name for row in ROWS}) == len(ROWS)
    first = [report.lines(Result(row, Measured(Samples.of([99.9])))).splitlines()[0] for row in ROWS]
    assert not [line for line in first if len(line) > report.WIDTH]


def test_memory_is_read_in_bytes():
    text = "55-7f ---p 0 00:00 0  [rollup]\nRss:  20 kB\nPss:  10 kB\nPrivate_Dirty:  4 kB\n"
    assert Held.parse(text) == Held(pss=10 * 1024, private_dirty=4 * 1024)


def test_noise_is_told_as_a_ratio():
    assert "jitter 1.50x" in str(Quiet(load=0.1, jitter=1.5, work_us=100.0))


def test_what_others_took_is_weighed_by_time():
    assert Taken.together([Taken(0.01, 0.01), Taken(0.0, 0.99)]).share == 0.01
    assert Taken(-0.1, 1.0).share == 0.0
    assert Taken.together([]).share == 0.0
