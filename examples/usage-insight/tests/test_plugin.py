"""The commands, in the real sandbox, on logs in the home of a user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime.now(UTC)


async def test_sessions_days_and_models(usage, log, make_line):
    log(make_line(), make_line(), make_line("msg_2", at="2025-11-04T01:00:00Z"))
    log(make_line("msg_3", session="two", cwd="/work/other", model="claude-opus-9"), name="two")
    async with usage() as plugin:
        sessions = await plugin.execute_command("usage-sessions")
        assert [(row["folder"], row["answers"], row["cost"]) for row in sessions["sessions"]] == [
            ("/work/app", 2, 0.003375),
            ("/work/other", 1, None),
        ]
        days = await plugin.execute_command("usage-days", days=100_000)
        assert [(row["day"], row["unpriced"]) for row in days["days"]] == [
            ("2025-11-03", 1),
            ("2025-11-04", 0),
        ]
        models = await plugin.execute_command("usage-models")
        assert [row["model"] for row in models["models"]] == ["claude-opus-4-5-20251101", "claude-opus-9"]
        assert models["unpriced_models"] == ["claude-opus-9"]
        assert models["total"] == days["total"] == sessions["total"]


async def test_today_is_today_and_new_lines_are_seen(usage, log, make_line):
    log(make_line("old", at=(NOW - timedelta(days=2)).isoformat()), make_line("new", at=NOW.isoformat()))
    async with usage() as plugin:
        assert (await plugin.execute_command("usage-today"))["total"]["answers"] <= 1
        log(make_line("newer", at=datetime.now(UTC).isoformat()))
        assert (await plugin.execute_command("usage-models"))["total"]["answers"] == 3
        assert (await plugin.execute_command("usage-models", days=30_000))["total"]["answers"] == 3


async def test_prices_are_a_setting(usage, log, make_line):
    log(make_line(model="claude-opus-9", tokens={"input": 0, "output": 1_000_000, "write_5m": 0, "read": 0}))
    async with usage(prices=["claude-opus-9* 1 7 1 1 1"]) as plugin:
        assert (await plugin.execute_command("usage-models"))["total"]["cost"] == 7.0


async def test_settings_that_make_no_sense_are_named(usage, log):
    log()
    with pytest.raises(Exception, match="'Mars/Olympus', which is no time zone"):
        await usage(timezone="Mars/Olympus")
    with pytest.raises(Exception, match="row 1 of the setting 'prices'"):
        await usage(prices=["cheap"])


async def test_without_logs_a_sentence_says_where_they_would_be(usage):
    async with usage() as plugin:
        with pytest.raises(FileNotFoundError, match=r"no logs of Claude Code at .*/\.claude/projects"):
            await plugin.execute_command("usage-today")
        with pytest.raises(ValueError, match="--days must be at least 1"):
            await plugin.execute_command("usage-models", days=0)


async def test_what_lies_beside_the_logs_stays_closed(usage, log, make_line, tmp_path):
    log(make_line())
    (tmp_path / "home" / ".claude" / ".credentials.json").write_text("secret")
    async with usage(folder="~/.claude") as plugin:
        with pytest.raises(PermissionError):
            await plugin.execute_command("usage-today")


async def test_what_was_read_is_known_after_the_logs_are_gone(usage, log, make_line):
    path = log(make_line())
    async with usage() as plugin:
        before = await plugin.execute_command("usage-models")
        path.unlink()
        assert await plugin.execute_command("usage-models") == before
