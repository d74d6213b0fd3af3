"""The plan's own plugin and its own tests of it, byte for byte, run by ``yesman plugin test``'s pytest.

Only what the plan leaves open is ours: a ``github_mock``, and the name ``pytest``. Needs the package index.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

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


def block(plan_text: str, heading: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", plan_text.partition(heading + "\n")[2], re.DOTALL)
    assert found, heading
    return found[1]


@pytest.fixture
def project(plan_text, tmp_path):
    """The plan's files where it says they lie."""
    texts = {
        "plugins/github-integration/plugin.yaml": block(plan_text, "### 2. Plugin Manifest", "yaml"),
        "plugins/github-integration/src/main.py": block(
            plan_text, "### Example: GitHub Integration", "python"
        ),
        "tests/plugins/test_plugin_development.py": block(plan_text, "### Plugin Development Kit", "python"),
        "tests/plugins/conftest.py": CONFTEST,
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


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
