"""``python -m benchmarks``: measure, print one table, exit 1 beyond a limit of the plan."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yesman
from benchmarks import report
from benchmarks.lab import Lab
from benchmarks.machine import Machine, Others, Quiet
from benchmarks.rows import Result, counted, exit_code, worth_another_try
from benchmarks.table import NOT_YET, ROWS

if TYPE_CHECKING:
    from benchmarks.rows import Row

EXIT_BROKEN = 2
MOST_TRIES = 3


def main(arguments: list[str] | None = None) -> int:
    """Run and return the exit code: 0, 1 beyond the plan's limits, 2 when something could not be measured."""
    options = _options(arguments)
    rows = _chosen(options.only, slow=options.slow)
    began, before = time.monotonic(), Quiet.now()
    print(f"yesman {yesman.__version__} on {Machine.this()}\nbefore: {before}\n\n{report.header()}")
    results, broken = _measure(rows, quick=options.quick)
    after, seconds = Quiet.now(), time.monotonic() - began
    print(f"{'-' * report.WIDTH}\nafter: {after}; the run took {seconds:.0f} s\n")
    print(report.counts(results))
    print(report.summary(results))
    if NOT_YET and not options.only:
        print("Not there to be measured: " + "; ".join(f"{what} ({why})" for what, why in NOT_YET.items()))
    if options.json:
        data = _data(
            results, broken, {"before": vars(before), "after": vars(after)}, seconds, quick=options.quick
        )
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return EXIT_BROKEN if broken else exit_code(results)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every percentile there")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="rows whose name starts so; repeatable"
    )
    parser.add_argument("--quick", action="store_true", help="repeat less: under a minute, and less sure")
    parser.add_argument("--slow", action="store_true", help="also the rows that need the network")
    parser.add_argument("--list", action="store_true", help="print the rows' names and end")
    options = parser.parse_args(arguments)
    if options.list:
        for row in ROWS:
            print(f"{row.name:<20} {row.what} ({row.source}{'; --slow' if row.slow else ''})")
        sys.exit(0)
    return options


def _chosen(only: list[str] | None, *, slow: bool) -> list[Row]:
    if only:
        rows = [row for row in ROWS if row.name.startswith(tuple(only))]
        if not rows:
            sys.exit(f"no row is called {' or '.join(only)}; --list shows them")
        return rows
    return [row for row in ROWS if slow or not row.slow]


def _measure(rows: list[Row], *, quick: bool) -> tuple[list[Result], dict[str, str]]:
    """Measure every row; one that cannot be measured is reported and does not stop the others."""
    results, broken = [], {}
    with Lab(quick=quick) as lab:
        for row in rows:
            try:
                result = _result(row, lab)
            except Exception as error:  # noqa: BLE001 - a row may fail in any way; the rest still count
                broken[row.name] = " ".join(f"{type(error).__name__}: {error}".split())
                print(report.not_measured(row, broken[row.name]), flush=True)
            else:
                results.append(result)
                print(report.lines(result), flush=True)
    return results, broken


def _result(row: Row, lab: Lab) -> Result:
    """Measure a row; again when it is over the plan's limit while others took the processors."""
    tries = [_once(row, lab)]
    while worth_another_try(tries[-1]) and len(tries) < MOST_TRIES:
        lab.forget_row()
        tries.append(_once(row, lab))
    return counted(tries)


def _once(row: Row, lab: Lab) -> Result:
    lab.begin_row()
    others = Others()
    measured = row.measure(lab)
    return Result(row, measured, (lab.others() or others.taken()).share)


def _data(
    results: list[Result], broken: dict[str, str], quiet: dict[str, Any], seconds: float, *, quick: bool
) -> dict[str, Any]:
    return {
        "yesman": yesman.__version__,
        "machine": Machine.this().as_data(),
        "noise": quiet,
        "quick": quick,
        "seconds": round(seconds, 1),
        "rows": [report.as_data(result) for result in results],
        "not_measured": broken,
        "not_there_yet": NOT_YET,
    }


if __name__ == "__main__":
    sys.exit(main())
