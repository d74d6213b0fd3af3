"""The grants of installed plugins: what the registry says, changed by the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from yesman.embed import InstalledGrants, PermissionManager
from yesman.model.errors import VerificationError, YesmanError
from yesman.model.home import Home
from yesman.package.trees import remove_tree

MAIN = "from yesman.plugins import PluginBase\nclass Helper(PluginBase):\n    pass\n"


@pytest.fixture
def home():
    """A home with one plugin, which asks for two permissions and is granted none, and its server."""
    root = Path(tempfile.mkdtemp(prefix="yt-")).resolve()
    plugin = root / "helper"
    (plugin / "src").mkdir(parents=True)
    (plugin / "src" / "__init__.py").touch()
    (plugin / "src" / "main.py").write_text(MAIN)
    manifest = {"name": "helper", "version": "1.0.0", "description": "d", "type": "integration"}
    (plugin / "plugin.yaml").write_text(
        json.dumps(manifest | {"permissions": ["session.read", "session.modify"]})
    )
    yesman(root, "plugin", "install", "--yes", str(plugin))
    yesman(root, "plugin", "revoke", "helper", "--all")
    yield Home(root / "home")
    yesman(root, "server", "stop")
    remove_tree(root)


def yesman(root, *arguments):
    environment = os.environ | {"YESMAN_HOME": str(root / "home"), "HOME": str(root)}
    subprocess.run(
        [sys.executable, "-m", "yesman", *arguments],
        env=environment,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def test_the_registry_is_the_one_source_of_truth(home, monkeypatch):
    manager = PermissionManager(InstalledGrants(home))
    monkeypatch.setattr(manager, "_show_permission_dialog", lambda *_: True)
    assert manager.granted_permissions == {"helper": []}
    assert manager.request_permissions("helper", ["session.read"])
    assert manager.check_permission("helper", "session.read")
    assert json.loads(home.registry.read_text())["helper"]["grants"] == ["session.read"]
    yesman(home.root.parent, "plugin", "revoke", "helper", "session.read")
    assert not manager.check_permission("helper", "session.read")
    with pytest.raises(YesmanError, match=r"does not ask for 'plugin\.manage'"):
        manager.request_permissions("helper", ["plugin.manage"])
    with pytest.raises(YesmanError, match="unknown installed plugin"):
        manager.request_permissions("nobody", ["session.read"])


def test_a_registry_that_cannot_be_read_grants_nothing(tmp_path):
    grants = InstalledGrants(Home(tmp_path))
    (tmp_path / "plugin_registry.json").write_text("{")
    with pytest.raises(VerificationError):
        PermissionManager(grants).check_permission("helper", "session.read")
