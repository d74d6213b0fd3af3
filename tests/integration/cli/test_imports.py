"""Start-up is quick because little is imported. Modules are counted, never time."""

import json
import subprocess
import sys

import pytest

from yesman.host.index import compile_index

HEAVY = {
    "asyncio", "email", "http", "logging", "msgspec", "multiprocessing", "packaging", "rich",
    "subprocess", "tempfile", "urllib.request", "uv", "uvloop", "yaml",
}  # fmt: skip
OURS = {
    "yesman.host",
    "yesman.host.index",
    "yesman.model",
    "yesman.model.errors",
    "yesman.model.home",
    "yesman.wire",
    "yesman.wire.credentials",
    "yesman.wire.frames",
    "yesman.wire.handshake",
}
PROGRAM = """
import json, os, sys
sys.stdout = open(os.devnull, "w")
from yesman.cli.main import run
code = run(sys.argv[1:])
sys.__stdout__.write(json.dumps([code, sorted(sys.modules)]))
"""


def modules(tmp_path, *arguments: str, code: int = 0) -> set[str]:
    described = {
        "name": "do-it",
        "description": "x",
        "options": [
            {
                "name": "--n",
                "short": None,
                "type": "int",
                "default": 1,
                "required": False,
                "multiple": False,
                "is_flag": False,
                "help": "",
            }
        ],
    }
    (tmp_path / "commands.index").write_bytes(compile_index([("do-it", "p", described)], "1"))
    environ = {"YESMAN_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environ, capture_output=True, text=True, check=True
    )
    ended, names = json.loads(ran.stdout)
    assert ended == code, ran.stderr
    return set(names)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"]])
def test_help_and_version_need_no_click(tmp_path, arguments):
    assert not modules(tmp_path, *arguments) & (HEAVY | {"click", "socket"})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["do-it", "--help"], 0),
        (["plugin", "--help"], 0),
        (["server", "status"], 1),
        (["plugin", "list", "--help"], 0),
    ],
)
def test_commands_import_nothing_heavy(tmp_path, arguments, code):
    found = modules(tmp_path, *arguments, code=code)
    assert not found & HEAVY
    strange = {
        name for name in found if name.startswith("yesman.") and not name.startswith("yesman.cli")
    } - OURS
    assert not strange


def test_a_plugins_command_imports_no_other_command(tmp_path):
    found = modules(tmp_path, "do-it", "--help")
    assert not found & {
        f"yesman.cli.{name}"
        for name in ("plugin", "session", "server", "install", "validate", "consent", "launch")
    }


def test_running_a_command_imports_nothing_heavy_either(talker):
    environ = talker.environ
    talker.yesman("both")
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "both"],
        env=environ,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    code, names = json.loads(ran.stdout)
    assert code == 0
    assert not set(names) & HEAVY


def test_the_server_starts_without_what_only_secrets_need():
    program = "import json, sys, yesman.server.main; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found = set(json.loads(ran.stdout))
    assert "yesman.host.os_keyring" in found
    assert not found & {"keyring", "cryptography", "secretstorage", "jeepney"}


def test_the_server_leaves_what_verifies_registries_to_a_program_of_its_own(tmp_path):
    names = {"cryptography", "securesystemslib", "tuf", "urllib3"}
    told = "import json, sys; import {}; print(json.dumps(sorted(sys.modules)))"

    def loaded(module):
        argv = [sys.executable, "-c", told.format(module)]
        return names & set(json.loads(subprocess.run(argv, capture_output=True, check=True).stdout))

    assert loaded("yesman.server.main") == set()
    assert loaded("yesman.market.program, yesman.market.opening") == names
