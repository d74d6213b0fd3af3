"""Signing in with a token, and out.

What always holds: the token is not kept, in no cookie and no page; the cookie is out of reach for scripts
and for requests that other sites start; and a page to go on to is one of ours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from yesman.marketplace import sessions
from yesman.marketplace.api.parts import Parts, Wired, in_thread
from yesman.marketplace.pages import forms
from yesman.marketplace.pages.site import HEADERS
from yesman.marketplace.pages.visiting import At, Visits, cookie_name
from yesman.marketplace.refusals import UnauthenticatedError
from yesman.web.sending import session_cookie

if TYPE_CHECKING:
    from litestar.datastructures import Cookie

_OURS: Final = re.compile(r"/(?:[a-z0-9-]+(?:/[a-z0-9-]+){0,3})?", re.ASCII)
_SECONDS: Final = sessions.HOURS * 3600
Next = Annotated[str, Parameter(query="next", max_length=200)]


@get("/sign-in", include_in_schema=False)
async def ask(at: At, visitor: Visits, onward: Next = "/") -> Response[Any]:
    """Show the form."""
    if visitor is not None:
        return led(local(onward))
    return at.site.page("sign_in.html", onward=local(onward), message="")


@post("/sign-in", status_code=200, include_in_schema=False)
@in_thread
def enter(parts: Wired, at: At, sent: forms.Sent) -> Response[Any]:
    """Begin a session; a token that is none is asked for again."""
    form = forms.read(sent, forms.SignIn)
    try:
        with parts.database.writing() as connection:
            secret = sessions.start(connection, form.token)
    except UnauthenticatedError as error:
        return at.site.page("sign_in.html", status=401, onward=local(form.next), message=error.message)
    answer = led(local(form.next))
    answer.set_cookie(_cookie(parts, secret, _SECONDS))
    return answer


@post("/sign-out", status_code=200, include_in_schema=False)
@in_thread
def leave(request: Request[Any, Any, Any], parts: Wired, visitor: Visits, sent: forms.Sent) -> Response[Any]:
    """End the session."""
    forms.own(sent, visitor, forms.Nothing)
    with parts.database.writing() as connection:
        sessions.end(connection, request.cookies[cookie_name(parts.base)])
    answer = led("/")
    answer.set_cookie(_cookie(parts, "", 0))
    return answer


def led(path: str) -> Redirect:
    """Lead on to one of our own pages."""
    return Redirect(path, status_code=303, headers={**HEADERS, "cache-control": "no-store"})


def local(path: str) -> str:
    """Return ``path`` if it is one of our pages, else that of the search."""
    return path if _OURS.fullmatch(path) else "/"


def _cookie(parts: Parts, value: str, seconds: int) -> Cookie:
    secure = parts.base.startswith("https://")
    return session_cookie(cookie_name(parts.base), value, seconds, secure=secure)
