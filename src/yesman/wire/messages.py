"""The bodies of frames, as frozen dataclasses.

Both sides build them with :func:`dataclasses.asdict` semantics; the host decodes them with
msgspec into these very types and refuses what does not fit, the child (standard library
only) trusts the host and reads plain dictionaries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OPEN_CALLS = 32
"""Calls to the host that one plugin has open at a time; its further threads wait their turn."""
MAX_LOG = 8_000
"""Characters of one log record; a worker cuts what is longer."""
MAX_REFUSED = 300
MAX_REFUSED_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class Hello:
    """First frame of a lane: who speaks, and which protocols (:mod:`yesman.wire.handshake`).

    Attributes:
        protocol: The newest that it speaks.
        version: Of yesman, or of what a worker in another language is made with: of its SDK.
        pid: Its process, as it sees it.
        oldest: The oldest protocol that it speaks; None: no other.
    """

    protocol: int
    version: str
    pid: int
    oldest: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request. The frame's id is chosen by the caller and answered by RESULT or FAILURE.

    Attributes:
        method: A name from the table of services.
        params: Keyword arguments as JSON data.
        cause: The id of the call on the other lane that this one was made for, 0 for none.
    """

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    cause: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call failed, as data: exceptions are never rebuilt by name or unpickled.

    Attributes:
        kind: ``permission``, ``lookup``, ``value``, ``exit``, ``interrupted``,
            ``unserialisable``, ``busy`` or ``error``; from the server also the ``kind`` of
            any :class:`yesman.model.errors.YesmanError`.
        message: One sentence.
        next_step: What to do now; may be empty.
        traceback: The remote traceback as text, shown with ``--debug`` only.
        exit_code: The exit code the command line should use.
        permission: What would have to be granted, for kind ``permission``; may be empty.
        deed: What no permission can allow, for kind ``permission``; may be empty.
        raised: The nearest built-in type of the exception and its text, for those who called a
            function and want its exception; may be empty.
    """

    kind: str
    message: str
    next_step: str = ""
    traceback: str = ""
    exit_code: int = 1
    permission: str = ""
    deed: str = ""
    raised: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of what a handler printed; the text itself is the frame's blob, in UTF-8."""

    stream: str


@dataclass(frozen=True, slots=True)
class Log:
    """One log record of a plugin. ``level`` is a :mod:`logging` number."""

    level: int
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """What a plugin's process was refused, as seen from inside it: advisory, because it may lie or miss some.

    Attributes:
        what: The missing permission, else the deed that none can allow; :data:`MAX_REFUSED` characters.
        count: How often since it was last told, 1 to :data:`MAX_REFUSED_COUNT`.
    """

    what: str
    count: int = 1
