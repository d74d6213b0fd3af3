"""How much a request may ask of the marketplace's server: data with units, in one frozen value."""

from __future__ import annotations

from typing import Final

import msgspec

KIB: Final = 1024
MIB: Final = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that is taken, and how fast. Sizes in bytes, times in seconds.

    Attributes:
        package: Of one package; as :data:`yesman.package.permitted.LIMITS` has it.
        envelope: Of one author signature, decoded.
        body: Of any other request's body.
        query: Characters of ``q``.
        text: Characters of a review, report or reason.
        page: Items of one page at most.
        silence: Between two pieces of a body that is being sent.
        upload: For a whole body, however steadily it comes.
        headers: For a request's headers, from its first byte.
        uploads: Packages that are taken in at the same time; more of them wait for a place.
        reads: Answered requests a second and address, in the long run; ``reads_burst`` of them at once.
        read_seconds: Of processor time that an answer takes; one that takes more counts as several.
        writes: Likewise, of requests with a token.
        failures: Likewise, of requests whose token is wrong.
        releases: Of one plugin, ever: its index has to be read as a whole by those who install it.
        reserved: Names that one publisher's plugins need and that nobody has published yet.
        reports: Of one reporter within a day.
        settle: Until the index names what was published, before the answer says "not yet".
        token_days: How long a token may live.
    """

    package: int = 64 * MIB
    envelope: int = 16 * KIB
    body: int = 64 * KIB
    query: int = 200
    text: int = 2_000
    page: int = 100
    silence: float = 15.0
    upload: float = 300.0
    headers: float = 10.0
    uploads: int = 4
    reads: float = 200.0
    reads_burst: int = 2_000
    read_seconds: float = 0.002
    writes: float = 5.0
    writes_burst: int = 120
    failures: float = 0.5
    failures_burst: int = 20
    releases: int = 1_000
    reserved: int = 100
    reports: int = 50
    settle: float = 30.0
    token_days: int = 366


LIMITS: Final = Limits()
