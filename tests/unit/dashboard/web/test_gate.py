"""Every request passes the gate, and what may not pass reaches nothing behind it."""

from __future__ import annotations

import pytest

from yesman.dashboard.web.access import Access
from yesman.dashboard.web.gate import Gate

ORIGIN = "http://box.localhost:8481"
HOST = "box.localhost:8481"


class Behind:
    """Notes what reaches it."""

    def __init__(self):
        self.reached = []

    async def __call__(self, scope, _receive, send):
        self.reached.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"secret"})


class Browser:
    """Asks through a gate."""

    def __init__(self):
        self.behind, self.access = Behind(), Access()
        self.gate = Gate(self.behind, self.access, ORIGIN, "yesman")
        self.secret = self.access.follow(self.access.invite())
        self.form = self.access.visitor(self.secret).form

    async def ask(self, method="GET", path="/", *, without=(), **headers):
        """Return the status of a request that is right but for what is said."""
        sent = {"host": HOST, "cookie": f"other=1; yesman={self.secret}", "sec_fetch_site": "same-origin"}
        if method not in {"GET", "HEAD"}:
            sent |= {"origin": ORIGIN, "x_yesman_form": self.form}
        sent |= headers
        raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in sent.items() if k not in without]
        return await self.send(method, path, raw)

    async def send(self, method, path, raw):
        told = []

        async def send(message):
            told.append(message)

        await self.gate({"type": "http", "method": method, "path": path, "headers": raw}, None, send)
        assert bool(self.behind.reached) == (told[0]["status"] == 200)
        return told[0]["status"]


@pytest.fixture
def browser():
    return Browser()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
async def test_a_browser_that_came_in_passes(browser, method):
    assert await browser.ask(method) == 200
    assert browser.behind.reached[0]["state"]["visitor"].form == browser.form


REFUSED = {
    "another name": ({"host": "evil.example:8481"}, 421),
    "the address instead of the name": ({"host": "127.0.0.1:8481"}, 421),
    "the name without the port": ({"host": "box.localhost"}, 421),
    "a name that ends like ours": ({"host": f"x{HOST}"}, 421),
    "no name": ({"without": ("host",)}, 421),
    "no cookie": ({"without": ("cookie",)}, 401),
    "an invented cookie": ({"cookie": "yesman=" + "A" * 43}, 401),
    "cookies that are none": ({"cookie": "yesman=\x00;;==="}, 401),
    "cookies without end": ({"cookie": "a=b; " * 5_000}, 401),
    "a picture on another site": ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, 403),
    "a script on another port of this machine": (
        {"sec_fetch_site": "same-site", "sec_fetch_mode": "cors"},
        403,
    ),
    "a frame on another site": (
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"},
        403,
    ),
}
REFUSED_TO_CHANGE = {
    "no origin": ({"without": ("origin",)}, 403),
    "another origin": ({"origin": "http://evil.example"}, 403),
    "no origin's name": ({"origin": "null"}, 403),
    "our name by another scheme": ({"origin": "https://box.localhost:8481"}, 403),
    "our name at another port": ({"origin": "http://box.localhost:8482"}, 403),
    "no form key": ({"without": ("x_yesman_form",)}, 403),
    "the secret instead of the form key": ({"x_yesman_form": "A" * 64}, 403),
    "a link on another site": (
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document",
         "origin": "http://evil.example"}, 403,
    ),
}  # fmt: skip


ALL = REFUSED | REFUSED_TO_CHANGE


@pytest.mark.parametrize("path", ["/", "/live", "/act/remove", "/nowhere", "/static"])
@pytest.mark.parametrize(("how", "status"), REFUSED.values(), ids=REFUSED)
async def test_what_is_not_right_reaches_nothing(browser, how, status, path):
    assert await browser.ask(path=path, **how) == status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    ("how", "status"), (REFUSED | REFUSED_TO_CHANGE).values(), ids=REFUSED | REFUSED_TO_CHANGE
)
async def test_what_changes_something_must_come_from_our_own_page(browser, how, status, method):
    assert await browser.ask(method, "/act/remove", **how) == status


async def test_two_names_are_none(browser):
    raw = [
        (b"host", HOST.encode()),
        (b"host", b"evil.example"),
        (b"cookie", f"yesman={browser.secret}".encode()),
    ]
    assert await browser.send("GET", "/", raw) == 421


async def test_two_origins_are_none(browser):
    raw = [(b"host", HOST.encode()), (b"cookie", f"yesman={browser.secret}".encode())]
    raw += [(b"x-yesman-form", browser.form.encode())]
    raw += [(b"origin", ORIGIN.encode()), (b"origin", b"http://evil.example")]
    assert await browser.send("POST", "/act/remove", raw) == 403


async def test_a_link_from_elsewhere_may_lead_here(browser):
    led = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert await browser.ask(**led) == 200


@pytest.mark.parametrize("path", ["/enter", "/static/0/base.css"])
async def test_the_way_in_is_open_to_who_has_no_cookie(browser, path):
    assert await browser.ask(path=path, without=("cookie",)) == 200


async def test_the_way_in_is_closed_to_other_names_and_sites(browser):
    assert await browser.ask(path="/enter", host="evil.example") == 421
    assert await browser.ask("POST", "/enter", origin="http://evil.example", without=("cookie",)) == 403


async def test_a_stranger_cannot_write_below_what_is_open(browser):
    assert await browser.ask("POST", "/static/0/base.css", without=("cookie",)) == 401
