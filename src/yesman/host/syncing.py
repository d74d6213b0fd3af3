"""What has to change for the installed plugins to be those of another machine's lock file.

Decides, never acts. What always holds: a file is nobody's consent, so what is decided here is only
proposed; and a plugin is the same only if its content, its source and the key that signed it are.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from yesman.host.origin import LOCAL_KEY
from yesman.host.registry import Record
from yesman.host.revocations import registry_of
from yesman.model.errors import NotFoundError, UsageError, YesmanError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST: Final = 64 << 20
"""Bytes of a lock file."""
_CONTENT: Final = ("version", "digest", "linked", "key", "package", "publisher", "source")
"""What makes it another plugin, or another version of it."""
_LOCAL: Final = ("version", "digest", "key")
"""The same of one that is from no registry: wherever it lay on the other machine."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin as a lock file has it: fields as in :class:`~yesman.host.registry.Record`."""

    version: str
    digest: str
    source: str
    linked: bool
    key: str
    publisher: str
    package: str
    enabled: bool
    pinned: bool
    grants: tuple[str, ...]

    @classmethod
    def of(cls, record: Record) -> Wanted:
        """Return what matters of ``record``; a grant that does not count there is none."""
        known = {field: getattr(record, field) for field in (*_CONTENT, "enabled", "pinned")}
        return cls(**known, grants=tuple(map(str, record.granted())))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin that is not as the lock file has it.

    Attributes:
        name: The plugin.
        act: What has to be done; of ``impossible`` the user has to do it.
        differs: Which fields are not the same.
        version: As it is to be, "" for none; like the others below.
        before: As it is, "" for none.
        registry: Where to get it.
        digest: Of the content.
        key: Who signed it.
        grants: All that it is granted.
        held: What it is granted now.
        enabled: Whether it may run.
        pinned: Whether updates leave it alone.
        why: What is impossible.
    """

    name: str
    act: Literal["install", "update", "change", "remove", "impossible"]
    differs: tuple[str, ...] = ()
    version: str = ""
    before: str = ""
    registry: str = ""
    digest: str = ""
    key: str = ""
    grants: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    enabled: bool = True
    pinned: bool = False
    why: str = ""


def read_lock(path: Path) -> dict[str, Wanted]:
    """Return the plugins of a lock file.

    Raises:
        NotFoundError: There is none.
        UsageError: It is none.
    """
    try:
        with open(path, "rb", opener=_opened) as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no file {shown(str(path), 200)}", "Name the plugin_registry.json of the other machine"
        ) from None
    except OSError as error:
        raise UsageError(f"{shown(str(path), 200)} cannot be read: {error.strerror}") from error
    try:
        if len(data) > LARGEST:
            raise ValueError(f"it is larger than {LARGEST} bytes")  # noqa: TRY301 - said as the others are
        records = msgspec.json.decode(data, type=dict[str, Record])
        return {name: Wanted.of(record) for name, record in records.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, YesmanError) as error:
        reason = shown(str(error), 200)
        raise UsageError(
            f"{shown(str(path), 200)} is no lock file: {reason}",
            "Name the plugin_registry.json of the other machine",
        ) from error


def _opened(path: str, flags: int) -> int:
    """Open a file; of a pipe nobody is waited for, so that it is no lock file."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def steps(wanted: Mapping[str, Wanted], records: Mapping[str, Record]) -> tuple[Step, ...]:
    """Return what is not as ``wanted``, in its order; what is to go comes last."""
    found = [_step(name, each, records.get(name)) for name, each in wanted.items()]
    gone = (
        Step(name=name, act="remove", differs=("installed",), before=record.version)
        for name, record in records.items()
        if name not in wanted
    )
    return (*filter(None, found), *gone)


def _step(name: str, wanted: Wanted, record: Record | None) -> Step | None:
    here = Wanted.of(record) if record else None
    differs = _differences(wanted, here) if here else ("installed",)
    if not differs:
        return None
    anew = here is None or bool({*_CONTENT} & {*differs})
    local = wanted.key == LOCAL_KEY
    registry = "" if local else registry_of(wanted)
    why = _impossible(name, wanted) if anew else ""
    return Step(
        name=name,
        act="impossible" if why else "change" if not anew else "update" if here else "install",
        differs=differs,
        version=wanted.version,
        before=here.version if here else "",
        registry=registry,
        digest=wanted.digest,
        key=wanted.key,
        grants=wanted.grants,
        held=here.grants if here else (),
        enabled=wanted.enabled,
        pinned=wanted.pinned,
        why=why,
    )


def _differences(wanted: Wanted, here: Wanted) -> tuple[str, ...]:
    content = _LOCAL if wanted.key == LOCAL_KEY == here.key else _CONTENT
    unlike = [
        field for field in (*content, "enabled", "pinned") if getattr(wanted, field) != getattr(here, field)
    ]
    return (*unlike, *(("grants",) if {*wanted.grants} != {*here.grants} else ()))


def _impossible(name: str, wanted: Wanted) -> str:
    if wanted.key == LOCAL_KEY:
        return f"it is of no registry: it was installed from {shown(wanted.source, 200)}"
    if wanted.source != f"{registry_of(wanted)}:{name}":
        return f"{shown(wanted.source, 200)} is not its source in any registry"
    return ""
