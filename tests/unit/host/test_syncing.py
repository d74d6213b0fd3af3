"""A lock file of a stranger's is read, or refused; it never keeps the server waiting."""

from __future__ import annotations

import os

import pytest

from yesman.host.syncing import read_lock
from yesman.model.errors import UsageError


@pytest.mark.timeout(10)
def test_a_pipe_is_no_lock_file_and_nobody_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "plugin_registry.json")
    with pytest.raises(UsageError, match="no lock file"):
        read_lock(tmp_path / "plugin_registry.json")


def test_a_lock_file_without_plugins_is_one(tmp_path):
    (tmp_path / "plugin_registry.json").write_text("{}")
    assert read_lock(tmp_path / "plugin_registry.json") == {}
