"""Discovery: knowing what a thousand installed plugins offer, without starting any."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import yaml

from benchmarks.homes import home_with
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.timing import in_turns, repeated, timed
from yesman import durable
from yesman.host.contributions import typed_names
from yesman.host.index import CommandIndex, compile_index
from yesman.host.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.lab import Lab
    from yesman.model.home import Home

MANY = 1000
COMMAND = "nothing-0500-run"


def _warm(home: Home) -> None:
    """Do what a command line does at every start: read the index, look one command up."""
    if CommandIndex.read(home.index).detail(COMMAND)["plugin"] != "nothing-0500":
        raise RuntimeError("the index names another plugin")


def _cold(home: Home) -> float:
    """Do what a server does that finds no index, with nothing in the page cache."""
    home.index.unlink(missing_ok=True)
    _forget(home.registry)

    def rebuild() -> None:
        stamp = str(home.registry.stat().st_mtime_ns)
        rows = typed_names(Registry(home.registry).all())
        durable.write(home.index, compile_index(rows, stamp))
        _warm(home)

    return timed(rebuild)


def _forget(path: Path) -> None:
    """Ask the kernel to drop a file from its page cache."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def _every_manifest(home: Home) -> None:
    """Look into every folder and parse every manifest, as the plan's sketch does, sped up by libyaml."""
    for folder in home.plugins.iterdir():
        data = (folder / "plugin.yaml").read_bytes()
        yaml.load(data, Loader=yaml.CSafeLoader)


def warm(lab: Lab) -> Measured:
    """Measure reading the index of a thousand plugins."""
    home = home_with(lab, MANY)
    samples = repeated(partial(_warm, home), lab.times(200), warm_up=5)
    parsed = repeated(partial(_every_manifest, home), lab.times(3, 1))
    nothing = repeated(home.index.read_bytes, lab.times(200), warm_up=5)
    return Measured(
        samples,
        (
            Beside("reading the file", nothing, floor=True),
            Beside("every plugin.yaml by libyaml, as the plan's sketch", parsed),
        ),
        f"{MANY} plugins through a generated registry, not {MANY} installations",
    )


def cold(lab: Lab) -> Measured:
    """Measure making that index anew from the registry."""
    home = home_with(lab, MANY)
    found = in_turns({"cold": partial(_cold, home)}, lab.times(12))
    return Measured(
        found["cold"], note="no index, registry not in the page cache: read, compile, fsync, look up"
    )


ROWS = (
    Row(
        "discovery.warm",
        "discovery, 1 000 installed, warm",
        Unit.MILLISECONDS,
        "plan: loading performance; design 13",
        warm,
        plan=100,
        budget={50: 10},
    ),
    Row(
        "discovery.cold",
        "discovery, 1 000 installed, cold",
        Unit.MILLISECONDS,
        "plan: loading performance; design 13",
        cold,
        plan=100,
        budget={50: 1000},
    ),
)
