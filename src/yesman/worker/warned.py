"""What a plugin is warned of about our API reaches its author: it goes into the plugin's log.

Every other warning goes where Python sends it.
"""

from __future__ import annotations

import logging
import warnings
from typing import TextIO

from yesman.plugins._deprecation import ApiDeprecationWarning
from yesman.worker.places import place


def install() -> None:
    """Show our warnings, once for each line of code, for the life of the process."""
    warnings.filterwarnings("default", category=ApiDeprecationWarning)
    others = warnings.showwarning

    def show(  # noqa: PLR0917 - Python's own signature
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, ApiDeprecationWarning):
            where = place(filename, lineno) or f"{filename}:{lineno}"
            logging.getLogger("yesman.deprecated").warning("%s: %s: %s", where, category.__name__, message)
        else:
            others(message, category, filename, lineno, file, line)

    warnings.showwarning = show
