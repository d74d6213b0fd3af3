"""What lies in a folder of plugins is read as a stranger's, before anything is started."""

from __future__ import annotations

import asyncio
import os

import pytest

from yesman.embed import PluginLoader


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_manifest_that_is_no_file_keeps_nobody_waiting(tmp_path, make, caplog):
    (tmp_path / "plugins/odd").mkdir(parents=True)
    make(tmp_path / "plugins/odd/plugin.yaml")
    loader = PluginLoader(str(tmp_path / "plugins"))
    assert asyncio.run(loader.discover_plugins()) == []
    assert "odd" in caplog.text
    with pytest.raises(Exception, match=r"regular file|cannot be read"):
        asyncio.run(loader.load_plugin("odd"))
