"""Prints pip's package-index settings as shell exports that uv understands.

uv reads neither pip.conf nor the PIP_* variables; a machine that was set up for pip (a
company mirror, its own certificates) must work without being set up twice. A variable
that uv already has is left alone: the user said that more directly. Standard library only.
"""

from __future__ import annotations

import configparser
import os
import shlex
from pathlib import Path

# pip's option → the uv variable with the same meaning.
MEANING = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
# uv's own older spellings of the same settings.
OLDER = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}


def config_files(environ: dict[str, str]) -> list[Path]:
    """Return the files pip reads, weakest first (pip documentation, "Configuration")."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    home = Path(environ.get("HOME") or "/nonexistent")
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        user / "pip/pip.conf",
    ]
    return [*files, Path(named)] if named else files


def pip_settings(environ: dict[str, str]) -> dict[str, str]:
    """Return pip's options as pip would see them for `pip install`."""
    found: dict[str, str] = {}
    for file in config_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue  # pip will name the broken file itself when it is asked
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    for option in MEANING:
        value = environ.get("PIP_" + option.upper().replace("-", "_"))
        if value:
            found[option] = value
    return found


def as_uv(settings: dict[str, str], environ: dict[str, str]) -> dict[str, str]:
    """Return the variables to add to `environ` so that uv sees the same settings."""
    added: dict[str, str] = {}
    for option, variable in MEANING.items():
        value = " ".join(settings.get(option, "").split())
        if value and not environ.get(variable) and not environ.get(OLDER.get(variable, "")):
            # uv separates the places to look for files by commas, everything else by blanks.
            added[variable] = value.replace(" ", ",") if option == "find-links" else value
    return added


def main() -> None:
    """Print one `export` line for each setting."""
    environ = dict(os.environ)
    for variable, value in as_uv(pip_settings(environ), environ).items():
        print(f"export {variable}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
