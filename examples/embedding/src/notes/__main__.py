"""``python -m notes``."""

from __future__ import annotations

from .main import notes

notes(prog_name="notes")
