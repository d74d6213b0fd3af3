"""A plugin's code runs in the plugin's process and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

NOTE = 'open(os.environ["HOME"] + "/imported", "a").write(f"{os.getpid()}\\n")'
HOST = """
import sys
sys.path.insert(0, sys.argv[1])
import yesman.host.manager, src.main
print(src.main.os.getpid())
"""


def imported_by(folder: Path) -> list[int]:
    """Return the pid of every process that has ever imported the plugin."""
    return [int(line) for line in (folder / "imported").read_text().split()]


def modules(report: str) -> set[str]:
    """Return the modules that Python's own import report lists."""
    return {
        line.rpartition("|")[2].strip() for line in report.splitlines() if line.startswith("import time:")
    }


@pytest.fixture
def folder(plugins):
    return plugins.make(commands={"pid": "return os.getpid()"}, top=NOTE)


@pytest.mark.escape("environment")
def test_only_the_plugins_process_imports_the_plugin(server, folder):
    server.install(folder)
    command_line = subprocess.Popen(
        [sys.executable, "-m", "yesman", "pid", "--json"],
        env=server.environ,
        stdout=subprocess.PIPE,
        cwd="/",
    )
    assert command_line.stdout
    told = int(command_line.stdout.read())
    command_line.stdout.close()
    assert command_line.wait() == 0
    (row,) = server.call("server.status")["plugins"]
    importers = imported_by(server.data("demo"))
    assert importers == [told] == [row["pid"]]
    assert not {server.pid, server.call("server.status")["zygote"], command_line.pid, os.getpid()} & {told}


def test_the_check_catches_a_host_that_imports_it(folder, tmp_path):
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", HOST, str(folder)]
    host = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE)
    host.communicate()
    assert imported_by(tmp_path) == [host.pid]


def test_no_module_of_a_plugin_is_ever_loaded_by_server_or_command_line(cold, folder, tmp_path):
    reporting = cold.environ | {"PYTHONPROFILEIMPORTTIME": "1"}
    with (tmp_path / "server").open("w") as report:
        assert cold.start(env=reporting, stderr=report) is None
    cold.install(folder)
    called = cold.yesman("pid", "--json", PYTHONPROFILEIMPORTTIME="1")
    assert int(called.stdout)
    cold.stop()
    for text in ((tmp_path / "server").read_text(), called.stderr):
        seen = modules(text)
        assert "yesman" in seen
        assert not {name for name in seen if name.partition(".")[0] in {"src", "demo"}}
        assert "yesman.worker.loading" not in seen


def test_the_report_would_show_such_a_module(folder, tmp_path):
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPROFILEIMPORTTIME": "1"}
    command = [sys.executable, "-c", HOST, str(folder)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert {"src", "src.main"} <= modules(done.stderr)


def test_a_process_without_parents_is_noticed(orphans, until):
    started = subprocess.run(
        ["sh", "-c", "sleep 1000 >&- 2>&- & echo $!"], stdout=subprocess.PIPE, check=True
    )
    pid = int(started.stdout)
    assert set(orphans(seconds=0)) == {pid}
    os.kill(pid, 9)
    until(lambda: not orphans(seconds=0))
