"""``yesman dashboard``: sessions, plugins and their panels, in the browser or in the terminal."""

from __future__ import annotations

import ipaddress
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from yesman.cli import catalogue, render
from yesman.cli.addresses import address
from yesman.cli.extras import require
from yesman.cli.group import CONTEXT, example
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.dashboard.web.running import Place

LISTEN: Final = "127.0.0.1:0"
_TERMINAL: Final = ("textual",)
_BROWSER: Final = ("granian", "jinja2", "litestar", "markdown_it", "nh3")
_SHORTEST: Final = 12


@click.command(
    "dashboard",
    help=f"{catalogue.ROOT['dashboard'].help}\n\n"
    "Stays in this terminal until Ctrl-C and prints a link that lets one browser in, once; Enter prints "
    "another. With --tui in this terminal instead: Tab moves on, arrows choose, the last line shows the "
    "keys, Ctrl-P finds everything else.\n\n"
    "For others than this machine it wants --tls, or --plain-http behind a proxy that has it, and "
    "--password-file.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman dashboard",
        "yesman dashboard --tui",
        "yesman dashboard --listen 10.0.0.5:8443 --tls cert.pem key.pem --password-file password",
    ),
)
@click.option("--tui", is_flag=True, help="In this terminal.")
@click.option("--listen", metavar="HOST:PORT", default=LISTEN, show_default=True, help="Port 0: any.")
@click.option("--url", metavar="URL", default="", help="How browsers reach it.")
@click.option("--tls", nargs=2, metavar="CERT KEY", help="Certificate and key, PEM files.")
@click.option("--plain-http", is_flag=True, help="Beyond this machine without TLS: a proxy has it.")
@click.option("--password-file", metavar="FILE", help="Whose first line lets in as well.")
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    tui: bool,
    listen: str,
    url: str,
    tls: tuple[str, str] | None,
    plain_http: bool,
    password_file: str | None,
) -> None:
    """Watch sessions and plugins on one screen."""
    if tui:
        _in_terminal(invocation)
    require("dashboard", "The dashboard in the browser", _BROWSER)
    place = _place(listen, url, tls, password_file, plain_http=plain_http)
    with closing(invocation.connect()):  # starts the server, and makes sure that it is of this version
        from yesman.dashboard.web.running import run  # noqa: PLC0415 - of the extra

        run(invocation.home.socket, place, _tell)


def _tell(link: str) -> None:
    render.say(f"The dashboard is at {link}")
    render.note("The link lets one browser in, once, within ten minutes. Enter: another link. Ctrl-C: end.")


def _in_terminal(invocation: Invocation) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The dashboard needs a terminal", "Elsewhere: yesman session ls, yesman plugin list")
    require("dashboard", "The dashboard", _TERMINAL)
    with closing(invocation.connect()):  # starts the server, and makes sure that it is of this version
        from yesman.dashboard.terminal.app import Dashboard  # noqa: PLC0415 - of the extra

        dashboard = Dashboard(invocation.home.socket)
        code = dashboard.run()
    sys.exit(code or dashboard.return_code or 0)


def _place(
    listen: str, url: str, tls: tuple[str, str] | None, password_file: str | None, *, plain_http: bool
) -> Place:
    """Return where to listen.

    Raises:
        UsageError: It would be open to others without what keeps them out, or something cannot be read.
    """
    from yesman.dashboard.web.running import Place  # noqa: PLC0415 - of the extra

    host, port = address(listen, "127.0.0.1:8481")
    password = _password(password_file) if password_file else ""
    if not _is_loopback(host):
        if not (tls or plain_http):
            raise UsageError(
                f"Whoever listens in between could do all that you can at {plain(listen)}",
                "Add --tls CERT KEY, or --plain-http if a proxy with TLS stands before it",
            )
        if not password:
            raise UsageError(f"Others than you can reach {plain(listen)}", "Add --password-file FILE")
        if not url and (port == 0 or _is_any(host)):
            raise UsageError(
                f"Nobody can tell how browsers reach {plain(listen)}", "Add --url https://HOST:PORT"
            )
        url = url or f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    elif tls and not url:
        raise UsageError("A certificate is for a name", "Add --url https://NAME:PORT")
    return Place(host, port, _origin(url) if url else "", _files(tls) if tls else None, password)


def _origin(url: str) -> str:
    """Return a URL's origin as browsers write it; raise UsageError."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise UsageError(f"'{plain(url)}' is not like https://HOST:PORT", "Correct --url")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, usual} else "")


def _files(tls: tuple[str, str]) -> tuple[Path, Path]:
    for name in tls:
        if not Path(name).is_file():
            raise UsageError(f"{plain(name)} is no file", "Correct --tls CERT KEY")
    return Path(tls[0]), Path(tls[1])


def _password(file: str) -> str:
    """Return the first line of a file that only its owner can read; raise UsageError."""
    path = Path(file).expanduser()
    try:
        mode, text = path.stat().st_mode, path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{plain(file)} cannot be read: {error}", "Correct --password-file") from None
    if mode & 0o077:
        raise UsageError(f"Others can read {plain(file)}", f"Run: chmod 600 {plain(file)}")
    password = text.partition("\n")[0].strip()
    if len(password) < _SHORTEST:
        raise UsageError(
            f"The password in {plain(file)} has fewer than {_SHORTEST} characters", "Take a longer one"
        )
    return password


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
