"""What verifies signatures is imported where a registry is used, and nowhere before."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"tuf", "securesystemslib", "cryptography"}


def imported_by(module):
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )


@pytest.mark.parametrize("module", ["index", "registry", "fetching", "storage", "roles", "limits"])
def test_values_and_storage_need_nothing_of_it(module):
    assert not HEAVY & imported_by(f"yesman.trust.{module}")


def test_a_client_does():
    assert imported_by("yesman.trust.client") >= HEAVY


def test_neither_the_command_line_nor_the_server_imports_it():
    assert not {"tuf", "securesystemslib"} & imported_by("yesman.cli.main, yesman.server.main")
