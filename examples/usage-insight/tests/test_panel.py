"""The panel, in the real sandbox, as a dashboard is given it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from yesman.plugins import ui
from yesman.plugins.testing import parts


def ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def tables(tree):
    return {table.columns[0].label: table for table in parts(tree, ui.Table)}


async def test_today_stands_in_figures_with_their_course(usage, log, make_line):
    log(make_line("old", at=ago(1)), make_line("new", at=ago(0)), make_line("newer", at=ago(0)))
    async with usage() as plugin:
        figures = {metric.label: metric for metric in parts(await plugin.panel("usage"), ui.Metric)}
    assert list(figures) == ["Cost", "Output tokens", "Answers"]
    answers = figures["Answers"]
    assert sum(answers.trend) == 3  # at midnight, all of them may be of yesterday
    assert answers.trend[-1] == answers.value
    assert answers.delta == answers.trend[-1] - answers.trend[-2]
    assert figures["Cost"].format == "money"


async def test_days_are_drawn_one_after_the_other_without_gaps(usage, log, make_line):
    log(make_line("old", at=ago(9)), make_line("older", at=ago(20)))
    async with usage() as plugin:
        tokens, costs = parts(await plugin.panel("usage"), ui.Chart)
    assert (len(tokens.labels), tokens.form, costs.format) == (30, "bar", "money")
    assert [sum(series.values) for series in tokens.series] == [2 * 150, 2 * 1_000]
    assert sorted(costs.series[0].values)[-3:] == pytest.approx([0, 0.0016875, 0.0016875], abs=1e-6)


async def test_sessions_and_models_are_tables_that_agree_with_the_commands(usage, log, make_line):
    log(make_line(), make_line("msg_2", session="two", cwd="/work/other"), make_line("msg_3"))
    async with usage() as plugin:
        shown = tables(await plugin.panel("usage"))
        sessions = await plugin.execute_command("usage-sessions")
        models = await plugin.execute_command("usage-models")
    for label, name, rows in (("Session", "session", sessions), ("Model", "model", models)):
        told = [(row[name], row["answers"], row["cost"]) for row in rows[f"{name}s"]]
        assert sorted((row[0], row[-6], row[-1]) for row in shown[label].rows) == sorted(told)
    assert {row[1] for row in shown["Session"].rows} == {"/work/app", "/work/other"}


async def test_what_has_no_price_is_empty_and_said(usage, log, make_line):
    log(make_line(model="claude-opus-9"))
    async with usage() as plugin:
        tree = await plugin.panel("usage")
    assert tables(tree)["Model"].rows[0][-1] is None
    (note,) = parts(tree, ui.Text)
    assert note.text == "Costs leave out answers whose price is not known (1): claude-opus-9"


async def test_without_logs_it_says_where_they_would_be_and_looks_again_when_told(usage, log, make_line):
    async with usage() as plugin:
        (empty,) = parts(await plugin.panel("usage"), ui.Empty)
        assert empty.text.endswith("/.claude/projects")
        with pytest.raises(FileNotFoundError, match="no logs of Claude Code"):
            await plugin.press("usage", "Read again")
        log(make_line())
        assert await plugin.press("usage", "Read again") == "Answers known: 1"
        assert parts(await plugin.panel("usage"), ui.Empty) == []


async def test_thousands_of_sessions_are_within_the_bounds(usage, log, make_line):
    log(*(make_line(f"m{n}", session=f"s{n}", model=f"claude-{n}", cwd="/x" * 140) for n in range(1_500)))
    async with usage() as plugin:
        shown = tables(await plugin.panel("usage"))
    assert [len(shown[label].rows) for label in ("Session", "Model")] == [500, 500]
