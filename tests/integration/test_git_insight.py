"""The main job, end to end: a stranger's plugin, through the command line, says what git says."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "examples" / "git-insight"
COMMITS = 1200


def _history() -> Any:
    spec = importlib.util.spec_from_file_location("git_insight_history", EXAMPLE / "tests" / "history.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_counts_a_generated_repository_as_git_log_does(yesman: Callable[..., str], tmp_path: Path) -> None:
    history = _history()
    repository = tmp_path / "repository"
    history.write_history(repository, commits=COMMITS, seed=7)
    expected = history.git_log(repository)
    yesman("plugin", "install", str(EXAMPLE), "--yes")
    yesman("session", "new", "work", "--cwd", str(repository))
    found = json.loads(yesman("git-insight", "--json", "--session", "work"))
    assert found.pop("repository") == str(repository)
    assert found["commits"] >= COMMITS
    assert found == expected
