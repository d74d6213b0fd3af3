"""What uv wrote on standard error, boiled down to one sentence and whose fault it is.

uv has no machine-readable errors, so the text is matched, cheapest certainty first; what
is not recognised is still shown, bounded, escaped and without credentials.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yesman.model.errors import AuthorError, PlatformError, RemoteError, VerificationError, YesmanError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]+@")
_ORNAMENT: Final = re.compile(r"[\xd7│╰─▶├]+|\x1b\[[0-9;]*m|\s+")
_LONGEST: Final = 64 * 1024  # characters of standard error that are looked at

_SPELLING: Final = "Check its spelling, or the index settings (UV_INDEX, PIP_INDEX_URL or pip.conf)"
_NETWORK: Final = "Check the network, the proxy and the index settings, and try again"
_WHEELS: Final = "Ask for a version that publishes wheels for this Python and machine"
_AUTHOR: Final = "Correct the dependencies in plugin.yaml and requirements.txt"


def _missing(found: re.Match[str], text: str) -> YesmanError:
    name = found["name"]
    wanted = re.search(rf"(\S+) depends? on {re.escape(name)}\b", text)
    because = f" (which {shown(wanted[1])} depends on)" if wanted else ""
    return AuthorError(f"There is no package {shown(name)}{because} on the package index", _SPELLING)


def _no_wheel(found: re.Match[str], _text: str) -> YesmanError:
    name = shown(found["name"])
    return AuthorError(f"{name} has no wheel for this machine, and is never built from source", _WHEELS)


def _first_index(found: re.Match[str], _text: str) -> YesmanError:
    return AuthorError(
        f"{shown(found['name'])} is on the first package index, but not in the version asked for",
        "If every index may be trusted with every name, set UV_INDEX_STRATEGY=unsafe-best-match",
    )


def _no_version(found: re.Match[str], _text: str) -> YesmanError:
    wanted, offered = shown(found["wanted"]), shown(found["name"])
    return AuthorError(f"No version satisfies {wanted}: only {offered} is available", _AUTHOR)


def _no_such_version(found: re.Match[str], _text: str) -> YesmanError:
    return AuthorError(f"There is no {shown(found['name'])} on the package index", _AUTHOR)


def _python(found: re.Match[str], _text: str) -> YesmanError:
    return AuthorError(f"{shown(found['name'])} does not support this version of Python", _AUTHOR)


def _conflict(_found: re.Match[str], text: str) -> YesmanError:
    because = re.search(r"Because (.+?), we can conclude", text)
    detail = f": {shown(because[1], 300)}" if because else ""
    return AuthorError(f"The dependencies' versions conflict{detail}", _AUTHOR)


def _changed(found: re.Match[str], _text: str) -> YesmanError:
    message = f"The package index delivered another file for {shown(found['name'])} than was locked"
    return VerificationError(message, "Do not install it; tell whoever runs the index")


def _refused(_found: re.Match[str], _text: str) -> YesmanError:
    message = "The package index refused the credentials"
    return RemoteError(message, "Check those in the index URL, in ~/.netrc or in the keyring")


def _offline(_found: re.Match[str], _text: str) -> YesmanError:
    return RemoteError("The dependencies are not in the cache, and uv is set offline", "Unset UV_OFFLINE")


def _certificate(_found: re.Match[str], _text: str) -> YesmanError:
    message = "The package index cannot be reached: its certificate is not trusted here"
    return RemoteError(message, "Name the right certificates in SSL_CERT_FILE, PIP_CERT or pip.conf")


def _unreachable(_found: re.Match[str], text: str) -> YesmanError:
    reason = text.rpartition("cause: ")[2].partition(" hint: ")[0] if "cause: " in text else text
    return RemoteError(f"The package index cannot be reached: {shown(reason, 160)}", _NETWORK)


def _damaged(found: re.Match[str], _text: str) -> YesmanError:
    return RemoteError(f"The package index delivered a damaged file for {shown(found['name'])}", _NETWORK)


def _full(_found: re.Match[str], _text: str) -> YesmanError:
    return PlatformError("The disk is full; nothing was installed", "Free some space and try again")


def _unwritable(found: re.Match[str], _text: str) -> YesmanError:
    message = f"uv may not write to yesman's state: {shown(found[0], 160)}"
    return PlatformError(message, "Correct the owner and permissions of yesman's folder")


def _links(found: re.Match[str], _text: str) -> YesmanError:
    return PlatformError(
        f"The folder of packages {shown(found['name'], 160)} cannot be read", "Check find-links"
    )


def _interpreter(_found: re.Match[str], _text: str) -> YesmanError:
    return PlatformError("uv cannot use the Python that yesman runs on", "Run yesman doctor")


_NAME: Final = r"`?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*(?:[=<>!~]=?[^\s`]+)?)`?"
_RULES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], YesmanError]], ...]] = tuple(
    (re.compile(pattern), explain)
    for pattern, explain in (
        (r"No space left on device|Disk quota exceeded", _full),
        (rf"Hash mismatch for {_NAME}", _changed),
        (r"\b(401 Unauthorized|403 Forbidden|407 Proxy)", _refused),
        (r"(?i)invalid peer certificate|certificate verify failed|UnknownIssuer", _certificate),
        (r"the network was disabled", _offline),
        (r"Failed to read `--find-links` \w+: (?P<name>\S+)", _links),
        (r"(?i)failed to fetch|error sending request|request failed after|dns error|timed out", _unreachable),
        (rf"{_NAME} was found on \S+, but not at the requested version", _first_index),
        (rf"{_NAME} was not found in the (?:package registry|provided package loc|cache)", _missing),
        (rf"Wheels are required for {_NAME}", _no_wheel),
        (rf"{_NAME} has no (usable )?wheels", _no_wheel),
        (rf"(?:and|Because) {_NAME} (?:depends on|requires) Python", _python),
        (rf"Because only {_NAME} is available and you require (?P<wanted>.+?), we can", _no_version),
        (rf"Because there is no version of {_NAME} and you require", _no_such_version),
        (r"No solution found", _conflict),
        (rf"Failed to (?:download|extract|unzip|install:?|read) {_NAME}", _damaged),
        (r"(?i)no interpreter found|failed to (inspect|query) python", _interpreter),
        (r"(?i)failed to \w+ [^:]{0,200}: (permission denied|read-only file system)", _unwritable),
    )
)  # fmt: skip


def explain(stderr: bytes) -> YesmanError:
    """Return the error to raise for what uv wrote on ``stderr`` when it failed."""
    text = stderr[:_LONGEST].decode(errors="replace")
    text = _CREDENTIALS.sub("****@", _ORNAMENT.sub(" ", text).strip())
    for pattern, make in _RULES:
        if found := pattern.search(text):
            return make(found, text)
    said = text.removeprefix("error: ") or "nothing"
    return PlatformError(f"uv failed, saying {shown(said, 300)}", "Run yesman doctor")
