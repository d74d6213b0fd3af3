"""What a plugin was told in its sandbox to use no longer, told again where its author runs the tests."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final

from yesman.plugins._deprecation import ApiDeprecationWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOLD: Final = re.compile(rf"(\S+):(\d{{1,9}}): {ApiDeprecationWarning.__name__}: (.+)")


def pass_on(log: Iterable[str]) -> None:
    """Warn of each deprecation in a plugin's log, at its place in the plugin's files."""
    for told in dict.fromkeys(match.groups() for line in log if (match := _TOLD.search(line))):
        file, line, message = told
        warnings.warn_explicit(message, ApiDeprecationWarning, file, int(line))
