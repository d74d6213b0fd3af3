"""``make market``: every example is published as any author would, and can be installed."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hosted.desk import desk_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def said(tmp_path, orphans):
    """What the tool says until it waits for Ctrl-C."""
    argv = [sys.executable, str(ROOT / "tools/market.py"), "--folder", str(tmp_path / "m")]
    argv += ["--listen", "127.0.0.1:0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as tool:
        lines = []
        for line in tool.stdout:
            lines.append(line)
            if "yesman market add" in line:
                break
        yield "".join(lines)
        tool.send_signal(signal.SIGINT)
        assert tool.wait(30) == 0


def test_every_example_is_there_and_can_be_installed(said, tmp_path):
    manifests = [yaml.safe_load(path.read_text()) for path in ROOT.glob("examples/*/plugin.yaml")]
    user = tmp_path / "user"
    user.mkdir()
    with desk_of(user) as desk:
        desk.yesman(*shlex.split(said.splitlines()[-1])[1:])
        for about in manifests:
            found = json.loads(desk.yesman("plugin", "info", about["name"], "--json").stdout)
            assert found["newest"] == about["version"]
        desk.yesman("plugin", "install", "session-journal", "--yes")
        assert "session-journal" in desk.yesman("plugin", "list").stdout
    assert len(manifests) > 1
