"""The tool that gets the real program: what is not what was chosen is not used, and nothing is left of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tools" / "get_claude.py"
NPM = """#!/bin/sh
# npm pack --silent --pack-destination FOLDER PACKAGE
mkdir package && echo program > package/claude && tar -czf "$4/p.tgz" package
"""


@pytest.fixture
def tool(tmp_path):
    """A copy, so that its .tools lies in a folder of the test's."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "bin").mkdir()
    return Path(shutil.copy(TOOL, tmp_path / "tools"))


def run(tool, path):
    command = [sys.executable, "-I", str(tool)]
    return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_a_package_of_another_digest_is_refused(tool, tmp_path):
    npm = tmp_path / "bin" / "npm"
    npm.write_text(NPM)
    npm.chmod(0o755)
    ran = run(tool, f"{npm.parent}:{os.environ['PATH']}")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "is not what it was when it was chosen" in ran.stderr
    assert list((tmp_path / ".tools" / "claude").iterdir()) == []


def test_a_package_that_cannot_be_got_is_a_failure(tool, tmp_path):
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\nexit 1\n")
    npm.chmod(0o755)
    ran = run(tool, f"{npm.parent}:{os.environ['PATH']}")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "npm could not get" in ran.stderr


def test_without_npm_the_sentence_says_so(tool, tmp_path):
    ran = run(tool, str(tmp_path / "bin"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "npm is not installed" in ran.stderr
