"""Who gets into the dashboard in the browser: the real program, asked by all who should not be answered."""

from __future__ import annotations

import socket
import sys
import time
from urllib.parse import urlsplit

import pytest

SESSION_SECRET = 43


def test_the_link_lets_in_once(web):
    assert web.ask("GET", "/").status == 401
    web.enter()
    assert web.ask("GET", "/", accept="text/html").status == 200
    again = web.follow()
    assert again.status == 403
    assert "used already" in again.text
    assert "set-cookie" not in again.headers


def test_what_the_browser_keeps_is_out_of_reach_for_scripts_and_other_sites(web):
    cookie = web.follow().headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "yesman"
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in rest.split(";")}
    assert "domain" not in rest.lower()


def test_after_the_link_no_address_and_no_page_holds_what_lets_in(web):
    answer = web.follow()
    assert answer.headers["location"] == "/"
    assert answer.headers["referrer-policy"] == "no-referrer"
    secret = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    key = urlsplit(web.link).query.partition("=")[2]
    web.cookie = f"yesman={secret}"
    page = web.ask("GET", "/", accept="text/html")
    assert secret not in page.text
    assert key not in page.text


def test_a_stolen_address_without_the_cookie_reaches_nothing(web):
    web.enter()
    for path in (
        "/",
        "/plugins",
        "/live?region=sessions",
        "/palette",
        "/session?name=x",
        "/install",
        "/audit",
    ):
        assert web.ask("GET", path, signed=False).status == 401, path
    assert web.ask("POST", "/act/remove", {"name": "x"}, signed=False).status == 401


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "rebound.example", "[::1]", ""])
def test_a_name_bound_to_our_address_reaches_nothing(web, host):
    web.enter()
    answer = web.ask("GET", "/", host=f"{host}:{web.port}")
    assert answer.status == 421
    assert b"<html" not in answer.body


def test_another_page_cannot_act_with_our_cookie(web):
    web.enter()
    assert web.ask("POST", "/act/close-session", {"name": "x"}, origin="http://evil.example").status == 403
    assert web.ask("POST", "/act/close-session", {"name": "x"}, origin=None).status == 403
    assert web.ask("POST", "/act/close-session", {"name": "x"}, x_yesman_form="0" * 64).status == 403
    assert web.ask("GET", "/palette", sec_fetch_site="same-site", sec_fetch_mode="cors").status == 403
    refused = web.act("close-session", name="x")
    assert refused.status == 400, "control: our own page is answered by the server"
    assert "x" in refused.data["message"]


def test_another_user_of_this_machine_who_sees_the_port_learns_neither_name_nor_anything_else(web):
    """What they can do is to connect: the name is a secret, and without it nothing is told."""
    name = urlsplit(web.origin).hostname
    assert len(name) > SESSION_SECRET // 2
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nConnection: close\r\n\r\n".encode()
        )
        told = b""
        while piece := connection.recv(65536):
            told += piece
    assert b" 421 " in told
    assert name.encode() not in told


def test_nobody_else_can_have_the_other_address_that_localhost_leads_to(web):
    """A browser asks ``[::1]`` first: who listened there would be sent our link."""
    if not socket.has_ipv6:
        pytest.fail("this machine has no IPv6: the attack cannot be tried")
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("::1", web.port))


def test_leaving_ends_what_the_cookie_is_worth(web):
    web.enter()
    answer = web.ask("POST", "/leave")
    assert answer.data["onward"] == "/enter"
    assert web.ask("GET", "/").status == 401


def test_every_answer_says_what_a_browser_may_do_with_it(web):
    web.enter()
    for path in ("/", "/plugins", "/audit", "/install", "/nowhere", "/palette", "/static/0/base.css"):
        headers = web.ask("GET", path, accept="text/html").headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["x-content-type-options"] == "nosniff", path


def test_enter_in_its_terminal_prints_another_link(desk):
    terminal = desk.terminal("dashboard")
    terminal.read_until("/enter?key=")
    first = terminal.shown.count("/enter?key=")
    terminal.type("\n")
    assert terminal.read_for(lambda: terminal.shown.count("/enter?key=") > first, 30)


def test_with_a_password_it_can_be_reached_from_elsewhere_and_wrong_ones_are_slow(desk, start):
    file = desk.home.parent / f"{desk.home.name}.password"
    file.write_text("correct horse battery\n")
    file.chmod(0o600)
    try:
        web = start("--listen", "127.0.0.1:0", "--password-file", str(file))
        right = {"password": "correct horse battery"}
        assert web.ask("POST", "/enter", {"password": "wrong"}, signed=False).status == 403
        assert web.ask("POST", "/enter", right, signed=False).status == 403, "too soon, whoever it is"
        assert web.ask("POST", "/enter", right, signed=False, origin="http://evil.example").status == 403
        deadline = time.monotonic() + 30
        while web.ask("POST", "/enter", right, signed=False).status != 303:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        file.unlink()


OPEN = {
    "without TLS": (["--listen", "0.0.0.0:8499"], "--tls"),
    "without a password": (["--listen", "0.0.0.0:8499", "--plain-http"], "--password-file"),
    "a password that others can read": (["--password-file", "OPEN"], "chmod 600"),
    "a short password": (["--password-file", "SHORT"], "fewer than 12"),
    "no address": (["--listen", "here"], "HOST:PORT"),
    "a URL that is none": (["--url", "box"], "https://HOST:PORT"),
    "a certificate that is not there": (
        ["--tls", "a.pem", "b.pem", "--url", "https://box"],
        "a.pem is no file",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), OPEN.values(), ids=OPEN)
def test_it_does_not_open_for_everybody_by_mistake(desk, tmp_path, arguments, said):
    (tmp_path / "OPEN").write_text("correct horse battery\n")
    (tmp_path / "OPEN").chmod(0o644)
    (tmp_path / "SHORT").write_text("short\n")
    (tmp_path / "SHORT").chmod(0o600)
    named = [str(tmp_path / one) if one in {"OPEN", "SHORT"} else one for one in arguments]
    refused = desk.yesman("dashboard", *named, code=2)
    assert said in refused.stderr
    assert not desk.server_pids(), "nothing was started for it"


WITHOUT = (
    "import importlib.util as u, sys; real = u.find_spec; "
    "u.find_spec = lambda name, *more: None if name == 'litestar' else real(name, *more); "
    "from yesman.cli.main import run; sys.exit(run(sys.argv[1:]))"
)


def test_without_the_extra_one_sentence_says_how_to_get_it(desk):
    desk.program = [sys.executable, "-c", WITHOUT]
    said = desk.yesman("dashboard", code=1).stderr
    assert "litestar" in said
    assert "yesman[dashboard]" in said
    assert not desk.server_pids()
