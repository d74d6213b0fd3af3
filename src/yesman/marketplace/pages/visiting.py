"""Who looks at a page, and what pages are made with: what every handler of a page is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Request  # noqa: TC002 - Litestar reads the annotations of visitor() when it starts
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from yesman.marketplace import sessions
from yesman.marketplace.api.parts import Wired  # noqa: TC001 - same
from yesman.marketplace.tokens import Caller  # noqa: TC001 - same

if TYPE_CHECKING:
    from yesman.marketplace.pages.catalogue import Facets
    from yesman.marketplace.pages.comparing import Comparisons
    from yesman.marketplace.pages.site import Site


@dataclass(frozen=True)
class Pages:
    """What pages are made with."""

    site: Site
    facets: Facets
    comparisons: Comparisons


class Visitor(NamedTuple):
    """Who is signed in.

    Attributes:
        caller: Whose token they signed in with, and what it is good for.
        form: What their forms carry, which no other site knows.
    """

    caller: Caller
    form: str


At = NamedDependency[SkipValidation[Pages]]
Visits = NamedDependency[SkipValidation[Visitor | None]]


def cookie_name(base: str) -> str:
    """Return what the cookie is called: over TLS browsers hold to the promise of its name (RFC 6265bis)."""
    return "__Host-session" if base.startswith("https://") else "session"


def visitor(request: Request[Any, Any, Any], parts: Wired) -> Visitor | None:
    """Return who is signed in, or None."""
    secret = request.cookies.get(cookie_name(parts.base), "")
    if not secret:
        return None
    with parts.database.reading() as connection:
        caller = sessions.caller(connection, secret)
    return Visitor(caller, sessions.form_key(secret)) if caller else None
