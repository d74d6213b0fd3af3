"""Prices, sums and tables: what is not known is called unknown, never nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest


def part(modules, **more):
    row = {"session": "s", "folder": "/a", "model": "claude-opus-4-5-20251101", "standard": True, "at": 0}
    row |= {"answers": 1, "first": 5, "last": 9, "tokens": modules.entry.Tokens(1_000_000, 1_000_000)}
    return modules.store.Sum(**(row | more))


def summed(modules, *parts, rows=()):
    return modules.report.report(parts, modules.prices.Prices(rows), lambda each: each.session)


def test_each_kind_of_token_has_its_price(modules):
    price = modules.prices.Prices().of("claude-opus-4-5-20251101")
    each = [price.of(modules.entry.Tokens(*(1_000_000 * (n == k) for n in range(5)))) for k in range(5)]
    assert each == [Decimal(5), Decimal(25), Decimal("6.25"), Decimal(10), Decimal("0.5")]


def test_the_users_rows_come_first(modules):
    prices = modules.prices.Prices(["claude-opus-5* 6 30 7.5 12 0.6", "*opus-4-5* 1 1 1 1 1"])
    assert prices.of("claude-opus-5-5").each[0] == 6
    assert prices.of("claude-opus-4-5-20251101").each[0] == 1
    assert prices.of("gpt") is None


@pytest.mark.parametrize(
    "row", ["", "m", "m 1 2 3 4", "m 1 2 3 4 5 6", "m 1 2 3 4 x", "m 1 2 3 4 -1", "m 1 2 3 4 NaN"]
)
def test_a_row_that_is_none_is_named(modules, row):
    with pytest.raises(ValueError, match="row 2 of the setting 'prices'"):
        modules.prices.Prices(["a 1 2 3 4 5", row])


def test_a_model_without_a_price_has_no_cost(modules):
    found = summed(modules, part(modules, model="claude-opus-9"))
    assert (found.rows[0].cost, found.rows[0].unpriced) == (None, 1)
    assert found.as_data("session")["total"]["cost"] is None
    assert found.unpriced_models == ["claude-opus-9"]


def test_another_rate_than_the_usual_has_no_known_cost(modules):
    assert summed(modules, part(modules, standard=False)).total.cost is None


def test_what_is_partly_known_says_so(modules):
    found = summed(modules, part(modules), part(modules, model="new", answers=3))
    assert (found.total.cost, found.total.unpriced) == (Decimal(30), 3)
    assert "$30.00 + unknown" in modules.table.render(found, "session", 80)


def test_data_holds_everything(modules):
    (row,) = summed(modules, part(modules), part(modules, first=2, last=100)).as_data("session")["sessions"]
    assert row | {"models": []} == {
        "session": "s",
        "folder": "/a",
        "answers": 2,
        "input": 2_000_000,
        "output": 2_000_000,
        "write_5m": 0,
        "write_1h": 0,
        "read": 0,
        "cost": 60.0,
        "unpriced": 0,
        "models": [],
        "first": "1970-01-01T00:00:02Z",
        "last": "1970-01-01T00:01:40Z",
    }


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_tables_fit(modules, width):
    parts = [part(modules, session=f"{n}{'x' * n}\x1b[2J", model=f"m{n}") for n in range(50)]
    text = modules.table.render(summed(modules, *parts), "session", width)
    assert "\x1b" not in text
    assert max(map(len, text.split("\n"))) <= max(width, 20)
    assert ("written" in text) == (width >= 60)


def test_of_a_long_folder_the_end_is_shown(modules):
    text = modules.table.render(
        summed(modules, part(modules, folder="/home/me/" + "x" * 80 + "/app")), "session", 80
    )
    assert "s  …xxx" in text
    assert "xxx/app  " in text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (999_949, "999.9k"),
        (999_999, "1.0M"),
        (1_500_000, "1.5M"),
        (2_345_678_901, "2.3G"),
    ],
)
def test_numbers_are_short(modules, number, shown):
    assert modules.table.count(number) == shown


def test_days_begin_at_midnight_where_the_user_is(modules):
    zone = modules.main._zone("Asia/Kathmandu")
    assert modules.report.day_of(1762193699, zone) == "2025-11-03"  # 23:59:59 there
    assert modules.report.day_of(1762193700, zone) == "2025-11-04"
    assert modules.report.day_of(None, zone) == "unknown"
