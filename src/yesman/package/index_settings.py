"""Which package index, proxy and certificates the user has chosen, said in uv's words.

A pure function from the environment and the texts of configuration files to the *whole*
environment uv is run with. Only names listed here get through: nothing that would make
uv pick another interpreter, target, project or cache, build a source distribution, or
load a library.

Who wins: uv's own variables, then uv.toml, then pip's variables, then pip.conf. A user
who told uv about indexes gets exactly those: pip's are then left out altogether, as uv
itself would do. How indexes combine stays uv's rule (the first index that knows a name
is the only one asked for it), because pip's rule lets a public index shadow a private name.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from yesman.model.errors import UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PASSED: Final = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NETRC"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "SSL_CLIENT_CERT"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY", "UV_EXCLUDE_NEWER"),
        *("UV_KEYRING_PROVIDER", "UV_INSECURE_HOST", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_OFFLINE"),
        *("UV_HTTP_TIMEOUT", "UV_HTTP_CONNECT_TIMEOUT", "UV_REQUEST_TIMEOUT", "UV_HTTP_RETRIES"),
        *("UV_CONCURRENT_DOWNLOADS", "UV_CONCURRENT_INSTALLS"),
    }
)
_PASSED_PATTERN: Final = re.compile(r"UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)")
_OLD_NAMES: Final = (("UV_INDEX_URL", "UV_DEFAULT_INDEX"), ("UV_EXTRA_INDEX_URL", "UV_INDEX"))
_INDEXES: Final = frozenset({"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"})
_NO_INDEX: Final = "--no-index"

_PIP_NAMES: Final = {
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
}
_TOML_NAMES: Final = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "index-strategy": "UV_INDEX_STRATEGY",
    "keyring-provider": "UV_KEYRING_PROVIDER",
    "allow-insecure-host": "UV_INSECURE_HOST",
    "exclude-newer": "UV_EXCLUDE_NEWER",
    "system-certs": "UV_SYSTEM_CERTS",
    "native-tls": "UV_SYSTEM_CERTS",
}
SYSTEM_CERTIFICATES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


class IndexSettings(msgspec.Struct, frozen=True):
    """The whole environment for uv, and the ``arguments`` that have no variable."""

    env: dict[str, str]
    arguments: tuple[str, ...] = ()


def index_settings(
    environ: Mapping[str, str],
    pip_confs: Sequence[str] = (),
    uv_tomls: Sequence[str] = (),
    *,
    exists: Callable[[str], bool],
) -> IndexSettings:
    """Return how to run uv so that it asks the index the user means.

    Args:
        environ: The user's environment variables.
        pip_confs: Texts of pip's configuration files; later ones win.
        uv_tomls: Texts of uv's configuration files; later ones win.
        exists: Tells whether a path is there. pip only warns about a folder of links that
            is missing, uv would fail, so missing ones are left out.

    Raises:
        UsageError: A configuration file cannot be read as what it should be.
    """
    uv = _from_tomls(uv_tomls) | _from_environment(environ)
    pip = _from_pip(_pip_options(environ, pip_confs), environ.get("HOME", ""), exists)
    if uv.keys() & (_INDEXES | {_NO_INDEX}):
        pip = {name: value for name, value in pip.items() if name not in _INDEXES | {_NO_INDEX}}
    env = pip | uv
    if not env.keys() & {"SSL_CERT_FILE", "SSL_CERT_DIR", "UV_NATIVE_TLS"} and any(
        map(exists, SYSTEM_CERTIFICATES)
    ):
        # As pip does: a certificate the machine's owner installed counts.
        env.setdefault("UV_SYSTEM_CERTS", "true")
    arguments = (_NO_INDEX,) if env.pop(_NO_INDEX, "") else ()
    return IndexSettings(env, arguments)


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    found = {name: environ[name] for name in environ if name in _PASSED or _PASSED_PATTERN.fullmatch(name)}
    for old, new in _OLD_NAMES:
        if environ.get(old):
            found[new] = " ".join(filter(None, (found.get(new), environ[old])))
    return {name: value for name, value in found.items() if value}


def _pip_options(environ: Mapping[str, str], texts: Sequence[str]) -> dict[str, str]:
    """Merge as pip does: [install] over [global], later files over earlier, variables over all."""
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for text in texts:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(text)
        except configparser.Error as error:
            reason = shown(str(error).partition("\n")[0])
            raise UsageError(f"pip.conf cannot be read: {reason}", "Correct or remove it") from error
        for name in sections.keys() & set(parser.sections()):
            sections[name] |= {_option(key): value for key, value in parser.items(name)}
    prefix = "PIP_"
    variables = {_option(key.removeprefix(prefix)): environ[key] for key in environ if key.startswith(prefix)}
    named = {key: value for key, value in variables.items() if value}
    if "default-timeout" in named:
        named.setdefault("timeout", named["default-timeout"])
    return sections["global"] | sections["install"] | named


def _option(key: str) -> str:
    return key.lower().replace("_", "-").removeprefix("--")


def _from_pip(options: Mapping[str, str], home: str, exists: Callable[[str], bool]) -> dict[str, str]:
    found = {uv: " ".join(options[pip].split()) for pip, uv in _PIP_NAMES.items() if options.get(pip)}
    found |= {"UV_INDEX": " ".join(options.get("extra-index-url", "").split())}
    links = [_at_home(link, home) for link in options.get("find-links", "").split()]
    found |= {"UV_FIND_LINKS": ",".join(link for link in links if _is_there(link, exists))}
    if options.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        found[_NO_INDEX] = "true"
    if proxy := options.get("proxy"):
        found |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy}
    if not found.get("UV_HTTP_TIMEOUT", "0").isdecimal():
        del found["UV_HTTP_TIMEOUT"]
    return {name: value for name, value in found.items() if value}


def _at_home(link: str, home: str) -> str:
    return f"{home}{link[1:]}" if link.startswith("~/") else link


def _is_there(link: str, exists: Callable[[str], bool]) -> bool:
    """Tell whether a place of links can be asked; a relative path has no meaning in our folder."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return True
    path = unquote(parts.path) if parts.scheme == "file" else link
    return path.startswith("/") and exists(path)


def _from_tomls(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            reason = shown(str(error))
            raise UsageError(f"uv.toml cannot be read: {reason}", "Correct or remove it") from error
        pip = data.get("pip")
        found |= _from_table(data) | (_from_table(pip) if isinstance(pip, dict) else {})
    return found


def _from_table(table: Mapping[str, Any]) -> dict[str, str]:
    """Translate one table of uv.toml; what is not about indexes and trust is left behind."""
    found: dict[str, str] = {}
    for key, name in _TOML_NAMES.items():
        separator = "," if key == "find-links" else " "
        if value := _text(table.get(key), separator):
            found[name] = value
    if table.get("no-index") is True:
        found[_NO_INDEX] = "true"
    return found | _named_indexes(table.get("index"))


def _text(value: object, separator: str) -> str:
    if isinstance(value, list):
        return separator.join(each for each in value if isinstance(each, str))
    if isinstance(value, bool):
        return "true" if value else ""
    return value if isinstance(value, str) else ""


def _named_indexes(value: object) -> dict[str, str]:
    """Translate the ``[[index]]`` tables; ``explicit`` ones serve only packages pinned to them."""
    found: dict[str, list[str]] = {}
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict) and isinstance(each.get("url"), str) and not each.get("explicit"):
            name = each.get("name")
            url = f"{name}={each['url']}" if isinstance(name, str) else each["url"]
            kind = "UV_DEFAULT_INDEX" if each.get("default") else "UV_INDEX"
            found.setdefault(kind, []).append(url)
    return {kind: " ".join(urls) for kind, urls in found.items()}
