"""Where an embedder's plugins live: the folder it names, and the state beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from yesman.model.home import Home

DEFAULT: Final = "~/.yesman/plugins"
_FOLDER: Final = "plugins"


def home_of(plugins_dir: str) -> Home:
    """Return the home whose plugins are in ``plugins_dir``.

    Args:
        plugins_dir: A path that ends in ``plugins``; ``~`` is the user's home. The default,
            ``~/.yesman/plugins``, means ``$YESMAN_HOME/plugins`` where that is set.

    Raises:
        ValueError: It ends otherwise, or the folder around it is no folder for state.
    """
    if plugins_dir == DEFAULT:
        return Home.of(os.environ)
    folder = Path(os.path.abspath(Path(plugins_dir).expanduser()))  # noqa: PTH100 - links are the user's own
    if folder.name != _FOLDER or folder.parent in {Path.home(), Path("/")}:
        raise ValueError(
            f"plugins_dir must be like ~/.my-program/plugins, not {plugins_dir!r}: "
            f"it ends in '{_FOLDER}', and the state of its plugins is kept beside it"
        )
    return Home(folder.parent)
