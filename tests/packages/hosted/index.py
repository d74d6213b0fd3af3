"""The caller's own way to a package index, for the few tests that need real packages."""

from __future__ import annotations

import os
from pathlib import Path


def through_index(environ: dict[str, str]) -> dict[str, str]:
    """Return ``environ`` with the package index that whoever runs the tests uses, settings file included."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "UV_", "SSL_CERT_")) or name.lower().endswith("_proxy")
    }
    for file in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf"):
        if file.is_file():
            kept.setdefault("PIP_CONFIG_FILE", str(file))
    kept["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # whichever of the caller's indexes has the version
    return {name: value for name, value in environ.items() if not name.startswith("PIP_")} | kept
