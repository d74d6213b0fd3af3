"""The plan's own tests of its own plugin, byte for byte, run by a plain pytest; our example passes them too.

Only what the plan leaves open is ours: a ``github_mock``, and the name ``pytest``. Needs the package index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAME = "github-integration"
CONFTEST = """
import builtins
import pytest
from yesman.plugins.testing import Reply

builtins.pytest = pytest  # the plan's tests use it without importing it
REPO = {"full_name": "owner/project", "url": "https://api.github.com/repos/owner/project"}

def pull(request):
    assert request.json() == {"title": "Test PR", "body": "Test body", "base": "main", "head": "topic"}
    assert request.headers["authorization"].endswith("test-github_token")
    return Reply({"html_url": "https://github.com/owner/project/pull/7"}, status=201)

@pytest.fixture(autouse=True)
def github_mock(request):
    request.cls.github_mock = {"GET /repos/owner/project": REPO, "POST /repos/owner/project/pulls": pull}
"""


@pytest.fixture(params=["the plan's", "ours"])
def project(request, plans_project):
    """The plan's test, beside the plan's plugin or our example of the same name."""
    if request.param == "ours":
        theirs = plans_project / "plugins" / NAME
        shutil.rmtree(theirs)
        shutil.copytree(EXAMPLES / NAME, theirs)
    (plans_project / "tests/plugins/conftest.py").write_text(CONFTEST)
    return plans_project


def test_the_plans_tests_pass_as_written(project):
    tests = project / "tests/plugins/test_plugin_development.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", project, tests],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
