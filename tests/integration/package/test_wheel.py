"""What is installed from the wheel: types for checkers, templates, and tests of plugins without the extra.

Builds the wheel and makes an environment of its own. Needs the package index.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from yesman.package import remove_tree

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE = 110.0


def run(*argv: object, **environ: str) -> str:
    ran = subprocess.run(
        list(map(str, argv)),
        env=os.environ | environ,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def folder():
    made = Path(tempfile.mkdtemp(prefix="ymw", dir="/tmp"))  # short, because sockets must be
    yield made
    remove_tree(made)


@pytest.fixture(scope="module")
def wheel(folder):
    run(find_uv_bin(), "build", "--wheel", "--out-dir", folder, CHECKOUT, UV_CACHE_DIR=str(folder / "cache"))
    (built,) = folder.glob("yesman-*.whl")
    return built


def test_it_holds_types_and_templates(wheel):
    source = CHECKOUT / "src"
    templates = {
        str(path.relative_to(source))
        for path in source.glob("yesman/scaffold/templates/**/*")
        if path.is_file()
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "yesman/py.typed" in names
    assert len(templates) > 20
    assert templates <= names
    assert not [name for name in names if name.endswith(".pyc")]


def test_a_new_plugin_is_tested_with_nothing_installed_beforehand(wheel, folder):
    cache = {"UV_CACHE_DIR": str(folder / "cache"), "UV_LINK_MODE": "copy"}
    run(find_uv_bin(), "venv", "--no-project", "--python", sys._base_executable, folder / "venv", **cache)
    run(find_uv_bin(), "pip", "install", "--python", folder / "venv", wheel, **cache)
    yesman, home = folder / "venv" / "bin" / "yesman", {"YESMAN_HOME": str(folder / "home")}
    run(yesman, "plugin", "new", "mine", "--type", "integration", "--into", folder / "mine", **home)
    told = run(yesman, "plugin", "test", folder / "mine", **home)
    assert "resolving 3 requirements" in told
    assert "pytest==" in told
    assert "4 passed" in told
    told = run(yesman, "plugin", "scan", folder / "mine", "--json", COLUMNS="80", **home)
    scan = json.loads(told)
    assert (scan["verdict"], scan["findings"]) == ("passed", [])
