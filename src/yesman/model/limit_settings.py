"""Limits as people write them: ``memory=2GB``, ``cpu=5m``, ``command=none``.

One table says which limits a user may change, in which unit and within which bounds; the
configuration file, the command line and every message that names a limit use it.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yesman.model.errors import UsageError
from yesman.model.limits import MIB, Limits
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_BINARY: Final = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10}
_BYTES: Final = _BINARY | {"TB": 10**12, "GB": 10**9, "MB": 10**6, "kB": 10**3, "B": 1}
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_AMOUNT: Final = re.compile(r"([0-9]{1,16}(?:\.[0-9]{1,6})?) ?([A-Za-z]*)", re.ASCII)
NONE: Final = "none"


class Setting(NamedTuple):
    """One limit that a user may change.

    Attributes:
        field: Of :class:`~yesman.model.limits.Limits`.
        units: What its values are written in, each with its worth; empty for a plain number.
        least: In bytes, seconds or units.
        most: Likewise.
        example: A value as it may be written.
        what: For people.
        optional: Whether there may be no limit, written ``none`` and kept as 0.
    """

    field: str
    units: Mapping[str, float]
    least: float
    most: float
    example: str
    what: str
    optional: bool = False


_FOREVER: Final = 30 * 86400.0
SETTINGS: Final = {
    "memory": Setting("memory_bytes", _BYTES, 32 * MIB, 1 << 44, "1GB", "Memory of all its processes."),
    "cpu": Setting("cpu_seconds", _SECONDS, 0.1, _FOREVER, "5m", "Processor time of a command.", True),
    "command": Setting("command_seconds", _SECONDS, 0.1, _FOREVER, "10m", "Duration of a command.", True),
    "event": Setting("hook_seconds", _SECONDS, 0.1, 3600, "10s", "Duration of an event's handlers."),
    "provider": Setting("provider_seconds", _SECONDS, 0.1, 3600, "2m", "Duration of a provider's call."),
    "load": Setting("load_seconds", _SECONDS, 0.1, 600, "30s", "Duration of loading it."),
    "disk": Setting("disk_bytes", _BYTES, MIB, 1 << 50, "2GB", "Size of its own folders.", True),
    "file": Setting("file_bytes", _BYTES, MIB, 1 << 44, "500MB", "Size of a file that it writes."),
    "open_files": Setting("open_files", {}, 32, 1024, "256", "Files and connections open at a time."),
    "threads": Setting("threads", {}, 8, 4096, "512", "Threads of all its processes."),
    "processes": Setting("processes", {}, 1, 1024, "128", "Processes, its own among them."),
    "nice": Setting("nice", {}, 0, 19, "0", "How far others go before it, 0 to 19."),
}
"""By the name that users write. A new limit is a row here and a field of ``Limits``."""


def setting(name: str) -> Setting:
    """Return the limit called ``name``.

    Raises:
        UsageError: There is none; the message suggests the near miss.
    """
    if name not in SETTINGS:
        raise UsageError(*unknown("limit", name, SETTINGS))
    return SETTINGS[name]


def parse(name: str, text: str) -> float:
    """Return the value that ``text`` means for the limit ``name``, in bytes, seconds or units.

    Raises:
        UsageError: No such limit, or no such value.
    """
    wanted = setting(name)
    if wanted.optional and text == NONE:
        return 0
    found = _AMOUNT.fullmatch(text)
    units = {unit.lower(): worth for unit, worth in wanted.units.items()}
    unit = found[2].lower() if found else ""
    if found is None or (unit not in units if units else unit or "." in found[1]):
        raise UsageError(
            f"{shown(text)} is no value for the limit '{name}'",
            f"Write it like {wanted.example}" + (f", or {NONE}" if wanted.optional else ""),
        )
    value = float(found[1]) * units.get(unit, 1)
    if not wanted.least <= value <= wanted.most:
        raise UsageError(
            f"the limit '{name}' cannot be {shown(text)}",
            f"It may be from {written(name, wanted.least)} to {written(name, wanted.most)}",
        )
    return value if wanted.units is _SECONDS else int(value)


def written(name: str, value: float) -> str:
    """Return ``value`` of the limit ``name`` as :func:`parse` reads it, exactly."""
    wanted = SETTINGS[name]
    if wanted.optional and not value:
        return NONE
    exact = [
        f"{value / worth:.0f}{unit}"
        for unit, worth in wanted.units.items()
        if value >= worth and value % worth == 0
    ]
    if exact:
        return min(exact, key=len)
    return f"{value:.15g}{'s' if wanted.units is _SECONDS else ''}"


def size(count: float) -> str:
    """Return a number of bytes for people, rounded: ``"612 MiB"``."""
    for name, worth in _BINARY.items():
        if count >= worth:
            return f"{count / worth:.1f} {name}".replace(".0 ", " ")
    return f"{count:.0f} bytes"


def limits_with(changes: Mapping[str, float], base: Limits | None = None) -> Limits:
    """Return ``base``, or the defaults, with the user's ``changes`` by name.

    What may be reserved (``data_bytes``) follows what may be used: at least twice that.
    """
    if base is None and not changes:
        return _USUAL
    return _changed(base or Limits(), changes)


def _changed(limits: Limits, changes: Mapping[str, float]) -> Limits:
    fields: dict[str, Any] = {SETTINGS[name].field: value for name, value in changes.items()}
    changed = dataclasses.replace(limits, **fields)
    return dataclasses.replace(changed, data_bytes=max(changed.data_bytes, 2 * changed.memory_bytes))


_USUAL: Final = _changed(Limits(), {})  # asked for at every event, and dataclasses.replace is slow


def shown_limits(changes: Mapping[str, float]) -> list[dict[str, str]]:
    """Return a row for each limit as it is with ``changes``, with its default, for people."""
    ours, usual = limits_with(changes), Limits()
    return [
        {
            "name": name,
            "value": written(name, getattr(ours, row.field)),
            "default": written(name, getattr(usual, row.field)),
            "what": row.what,
        }
        for name, row in SETTINGS.items()
    ]
