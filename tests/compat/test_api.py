"""What a released version promised holds: names, parameters, types, and what subclasses rely on.

A change that breaks it on purpose has its row in :data:`ACCEPTED`, with the ADR that argues it; see
docs/reference/stability.md. A row that no longer breaks anything fails as well.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import yesman

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("public_api", ROOT / "tools" / "public_api.py")
assert spec
assert spec.loader
tool: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

ACCEPTED: dict[str, str] = {}
"""What broke -> the ADR that says why."""


def newest() -> Path:
    """The dump of the newest version; there is always one."""
    dumps = tool.baselines()
    assert dumps, "there is no tests/compat/api-VERSION.json to compare with: run tools/public_api.py"
    return dumps[-1]


def test_nothing_that_was_promised_is_broken():
    broken = tool.breakages(json.loads(newest().read_text("utf-8")), tool.surface())
    said = "restore it, deprecate it first, or accept it here with an ADR"
    assert set(broken) == set(ACCEPTED), f"since {tool.version_of(newest())}; {said}"


def test_every_accepted_breakage_is_argued_in_an_adr():
    assert [
        number for number in ACCEPTED.values() if not list((ROOT / "docs/adr").glob(f"{number}-*.md"))
    ] == []


def test_every_released_version_has_its_promise():
    released = re.findall(r"^## (\d\S*) \(", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    held = [tool.version_of(dump) for dump in tool.baselines()]
    assert set(released) <= set(held), "run tools/public_api.py at every release"
    assert yesman.__version__ in held or yesman.__version__ not in released
    for version in held:
        assert list((tool.COMPAT / version).glob("*.yplug")), f"nothing is packed against {version}"


def test_without_a_baseline_nothing_passes(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "COMPAT", tmp_path)
    with pytest.raises(AssertionError, match="no tests/compat/api-VERSION"):
        newest()


def test_a_dump_is_always_the_same_text():
    tree = tool.surface()
    assert tool.written(tree) == tool.written(tool.surface())
    assert json.loads(tool.written(tree)) == tree


@pytest.fixture(scope="module")
def now() -> Any:
    """The API as it is."""
    return tool.surface()


@pytest.fixture
def changed(tmp_path: Path, now: Any) -> Callable[..., list[str]]:
    """What breaks when a text in one module of the API is replaced."""

    def compare(module: str, old: str, new: str) -> list[str]:
        source = tmp_path / "yesman"
        shutil.copytree(ROOT / "src" / "yesman", source, ignore=shutil.ignore_patterns("__pycache__"))
        text = (source / module).read_text("utf-8")
        assert old in text
        (source / module).write_text(text.replace(old, new, 1), "utf-8")
        return tool.breakages(now, tool.surface(tmp_path))

    return compare


BREAKING = {
    "a parameter is gone": (
        "plugins/_others.py",
        'title: str, body: str = "", urgency',
        "title: str, urgency",
        "yesman.plugins.Notifications.send(body): Parameter was removed",
    ),
    "a parameter is demanded": (
        "plugins/_managers.py",
        "def get_current_session(self)",
        "def get_current_session(self, where: str)",
        "yesman.plugins.SessionManager.get_current_session(where): Parameter was added as required",
    ),
    "a name is gone": (
        "plugins/__init__.py",
        '    "ProviderError",\n',
        "",
        "yesman.plugins.ProviderError: Public object was removed",
    ),
    "a field is gone": (
        "plugins/_sessions.py",
        "    width: int = 0\n",
        "",
        "yesman.plugins.Pane.width: Public object was removed",
    ),
    "subclasses must define more": (
        "plugins/_providers.py",
        "    async def send(",
        "    async def recall(self) -> None: ...\n\n    @abstractmethod\n    async def send(",
        "yesman.plugins.INotificationProvider.recall: Subclasses must define it now",
    ),
    "another exception": (
        "plugins/_providers.py",
        "class ProviderError(RuntimeError)",
        "class ProviderError(OSError)",
        "yesman.plugins.ProviderError: Base class RuntimeError was removed",
    ),
    "another type comes back": (
        "plugins/_permission.py",
        "def permission_of(method: Callable[..., Any], **arguments: object) -> str",
        "def permission_of(method: Callable[..., Any], **arguments: object) -> bytes",
        "yesman.plugins.permission_of: Return type str became bytes",
    ),
    "a test's method is gone": (
        "testkit/controls.py",
        "async def wait_for_event",
        "async def await_event",
        "yesman.plugins.testing.PluginTestCase.wait_for_event: Public object was removed",
    ),
    "an embedder's default": (
        "embed/sandbox.py",
        "timeout: int = 30",
        "timeout: int = 10",
        "yesman.embed.PluginSandbox.execute(timeout): Parameter default was changed",
    ),
}


@pytest.mark.parametrize("change", BREAKING.values(), ids=BREAKING)
def test_a_breaking_change_is_named(changed, change):
    *edit, sentence = change
    assert sentence in changed(*edit)


def test_what_is_only_added_breaks_nothing(changed):
    added = "urgency: str = 'normal', colour: str = 'red') -> Done"
    assert changed("plugins/_others.py", 'urgency: str = "normal") -> Done', added) == []


def test_a_released_promise_is_not_written_again(tmp_path, monkeypatch, capsys):
    (tmp_path / "CHANGELOG.md").write_text(f"## {yesman.__version__} (2026-01-01)\n")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    assert tool.main() == 1
    assert "is released; what it promised is not written again" in capsys.readouterr().err
