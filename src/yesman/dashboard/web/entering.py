"""The way in, by a link that works once or by a password, and out again.

What always holds: the cookie is out of reach for scripts, and browsers send it with no request that another
site starts; what let somebody in is in no page and no address after that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qs

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from yesman.dashboard.web.access import SESSION_SECONDS
from yesman.dashboard.web.gate import WAY_IN
from yesman.dashboard.web.wired import Dashboard
from yesman.web.sending import session_cookie

if TYPE_CHECKING:
    from litestar.datastructures import Cookie

    from yesman.dashboard.web.wired import Parts

_OLD: Final = "This link was used already, or is older than ten minutes"
Key = Annotated[str, Parameter(query="key", max_length=200)]


@get(WAY_IN, include_in_schema=False)
async def enter(dashboard: Dashboard, key: Key = "") -> Response[Any]:
    """Let in who follows a link for the first time; ask anybody else for the password, if there is one."""
    secret = dashboard.access.follow(key)
    if secret is not None:
        return _led_in(dashboard, secret)
    return _asked(dashboard, 403 if key else 200, _OLD if key else "")


@post(WAY_IN, status_code=200, include_in_schema=False)
async def guess(request: Request[Any, Any, Any], dashboard: Dashboard) -> Response[Any]:
    """Let in who knows the password."""
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=4)
    said = fields.get("password", [""])[0]
    secret = await asyncio.to_thread(dashboard.access.guess, said)
    if secret is not None:
        return _led_in(dashboard, secret)
    return _asked(dashboard, 403, "That is not the password, or another was tried just now")


@post("/leave", status_code=200, include_in_schema=False)
async def leave(request: Request[Any, Any, Any], dashboard: Dashboard) -> Response[Any]:
    """Forget this browser."""
    dashboard.access.leave(request.scope["state"]["secret"])
    answer = Response({"onward": WAY_IN})
    answer.set_cookie(_cookie(dashboard, "", 0))
    return answer


def _asked(dashboard: Parts, status: int, message: str) -> Response[bytes]:
    by_password = dashboard.access.by_password
    return dashboard.site.page("enter.html", status=status, message=message, by_password=by_password)


def _led_in(dashboard: Parts, secret: str) -> Redirect:
    answer = Redirect("/", status_code=303, headers={"referrer-policy": "no-referrer"})
    answer.set_cookie(_cookie(dashboard, secret, int(SESSION_SECONDS)))
    return answer


def _cookie(dashboard: Parts, value: str, seconds: int) -> Cookie:
    secure = dashboard.origin.startswith("https://")
    return session_cookie(dashboard.cookie, value, seconds, secure=secure)
