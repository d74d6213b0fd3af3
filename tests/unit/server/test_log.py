"""The server's own log is bounded while it runs."""

from __future__ import annotations

import logging

import pytest

from yesman.model.home import Home
from yesman.server.main import LOG_BYTES, log_handler


@pytest.fixture
def handler(tmp_path):
    made = log_handler(Home(tmp_path))
    yield made
    made.close()


def test_the_log_of_a_running_server_is_two_files_of_bounded_size(handler, tmp_path):
    for number in range(5 * LOG_BYTES // 10_000):
        handler.emit(logging.makeLogRecord({"msg": f"{number} " + "x" * 10_000}))
    logs = sorted((tmp_path / "logs").iterdir())
    assert [log.name for log in logs] == ["server.log", "server.log.1"]
    assert all(log.stat().st_size <= LOG_BYTES for log in logs)


def test_what_is_no_unicode_is_logged_escaped(handler, tmp_path):
    handler.emit(logging.makeLogRecord({"msg": "\udcff"}))
    assert "\\udcff" in (tmp_path / "logs" / "server.log").read_text()
