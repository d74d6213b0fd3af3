"""Requirements of a plugin, locked to files that a test has made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def lock(folder: Path, *wheels: Path) -> Path:
    """Write the lock of the plugin in ``folder``, which leads to ``wheels``; return the folder."""
    lines = []
    for wheel in wheels:
        name, version, *_ = wheel.name.split("-")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    (folder / "requirements.lock").write_text("".join(lines))
    return folder
