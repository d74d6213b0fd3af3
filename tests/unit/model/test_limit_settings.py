"""Limits as people write them mean one value, which is written back the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import UsageError
from yesman.model.limit_settings import SETTINGS, limits_with, parse, shown_limits, size, written
from yesman.model.limits import MIB, Limits


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("memory", "2GB", 2 * 10**9),
        ("memory", "2 GiB", 2 * 1024**3),
        ("memory", "1.5gib", 1536 * MIB),
        ("cpu", "90s", 90.0),
        ("cpu", "500ms", 0.5),
        ("command", "none", 0),
        ("command", "1.5h", 5400.0),
        ("disk", "none", 0),
        ("nice", "0", 0),
        ("open_files", "256", 256),
    ],
)
def test_a_limit_is_understood(name, text, value):
    assert parse(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            ("memory", text)
            for text in ("2", "GB", "-2GB", "2 gigs", "none", "1e9B", "2GB ", "٢GB", "", "9" * 30 + "B")
        ),
        *(("cpu", text) for text in ("5", "5 minutes", "0s", "1GB")),
        *(("nice", text) for text in ("20", "-1", "1.5", "5s", "none")),
        ("memory", "1MB"),
        ("disk", "0B"),
    ],
)
def test_what_is_no_limit_is_refused_with_what_may_be_written(name, text):
    with pytest.raises(UsageError) as caught:
        parse(name, text)
    assert name in caught.value.message
    assert caught.value.next_step


def test_a_near_miss_is_suggested():
    with pytest.raises(UsageError, match="did you mean 'memory'"):
        parse("memori", "1GB")


@given(st.sampled_from(sorted(SETTINGS)), st.data())
def test_what_is_written_means_the_same(name, data):
    row = SETTINGS[name]
    whole = data.draw(st.integers(int(max(row.least, 1)), int(row.most)))
    assert parse(name, written(name, whole)) == whole


def test_every_default_can_be_written_and_understood():
    for row in shown_limits({}):
        assert row["value"] == row["default"]
        assert parse(row["name"], row["value"]) == getattr(Limits(), SETTINGS[row["name"]].field)


def test_what_may_be_reserved_follows_what_may_be_used():
    assert limits_with({}) == Limits()
    assert limits_with({"memory": 64 * MIB}).data_bytes == Limits().data_bytes
    assert limits_with({"memory": 4096 * MIB}).data_bytes == 8192 * MIB


def test_only_what_was_changed_is_changed():
    assert limits_with({"cpu": 5.0}) == dataclasses.replace(Limits(), cpu_seconds=5.0)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (512 * MIB, "512 MiB"), (1536 * MIB, "1.5 GiB"), (700_000, "683.6 KiB")],
)
def test_a_size_is_shown_rounded(count, text):
    assert size(count) == text


def test_the_reference_lists_every_limit_as_it_is():
    text = (Path(__file__).parents[3] / "docs/reference/limits.md").read_text("utf-8")
    table = text.partition("<!-- limits:")[2].partition("<!-- end of limits")[0]
    for row in shown_limits({}):
        assert f"| `{row['name']}` | {row['default']} | `{SETTINGS[row['name']].example}`" in table
    assert table.count("| `") == 2 * len(SETTINGS)
