"""Templates of pages of ours, and the mark that all of them show.

What always holds: whatever a template is given is escaped, and what it is not given is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

MARK: Final = Path(__file__).with_name("mark.svg")


def templates_in(folder: Path) -> Environment:
    """Return the templates of a folder."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
