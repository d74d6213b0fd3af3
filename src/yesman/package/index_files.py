"""The user's configuration files of pip and uv, found where these programs look for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman.model.errors import PlatformError
from yesman.model.plain_text import shown
from yesman.package.index_settings import IndexSettings, index_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LARGEST: Final = 1 << 20  # bytes of one file


def user_settings(environ: Mapping[str, str]) -> IndexSettings:
    """Read what the user's machine says about package indexes.

    Raises:
        UsageError: A file is malformed.
        PlatformError: A file is there but cannot be read.
    """
    pip = _texts(pip_files(environ))
    return index_settings(environ, pip, _texts(uv_files(environ)), exists=os.path.exists)


def pip_files(environ: Mapping[str, str]) -> list[Path]:
    """Return where pip would look (machine, user, named), the later over the earlier."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    places = [*reversed(_machine(environ, "pip/pip.conf")), Path("/etc/pip.conf")]
    if named and Path(named).exists():
        return [*places, Path(named)]
    home = environ.get("HOME")
    legacy = [Path(home) / ".pip" / "pip.conf"] if home else []
    return [*places, *legacy, *_personal(environ, "pip/pip.conf")]


def uv_files(environ: Mapping[str, str]) -> list[Path]:
    """Return where uv would look beyond a project, the later over the earlier."""
    if environ.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes"):
        return []
    if named := environ.get("UV_CONFIG_FILE"):
        return [Path(named)]
    return [Path("/etc/uv/uv.toml"), *_machine(environ, "uv/uv.toml"), *_personal(environ, "uv/uv.toml")]


def _machine(environ: Mapping[str, str], name: str) -> list[Path]:
    folders = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    return [Path(folder) / name for folder in folders.split(":") if folder.startswith("/")]


def _personal(environ: Mapping[str, str], name: str) -> list[Path]:
    if folder := environ.get("XDG_CONFIG_HOME"):
        return [Path(folder) / name]
    return [Path(environ["HOME"]) / ".config" / name] if environ.get("HOME") else []


def _texts(paths: Iterable[Path]) -> list[str]:
    return [text for path in paths if (text := _text(path)) is not None]


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        where = shown(str(path), 200)
        raise PlatformError(f"{where} cannot be read: {error.strerror}", "Correct its permissions") from error
