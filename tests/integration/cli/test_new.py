"""``yesman plugin new``: what it makes works, untouched: for tools, for its own tests, and for a user."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from yesman.package.folder import digest_folder
from yesman.scaffold import KINDS

if TYPE_CHECKING:
    from pathlib import Path

RUN = {
    "command": ["yesman mine --session work --to Ada"],
    "hook": ["yesman session new keep-it --cwd /tmp", "yesman session close keep-it"],
    "provider": ["yesman provider call mine send title=Hello body=there", "yesman provider check mine"],
    "integration": ["yesman mine"],
    "ui": ["yesman plugin show mine"],
}
SHOWN = {
    "command": "Hello Ada, this is session work.",
    "hook": "sessions called keep-* are kept",
    "provider": "connected",
    "integration": "nothing was reported yet",
    "ui": "Panels:        Notes",
}


@pytest.fixture(params=list(KINDS))
def kind(request):
    return request.param


@pytest.fixture
def folder(desk, kind, tmp_path):
    desk.yesman("plugin", "new", "mine", "--type", kind, "--into", str(tmp_path / "mine"))
    return tmp_path / "mine"


def tool(folder: Path, *command: object) -> str:
    """Run a tool in the folder, as its author would, and return what it said."""
    argv = [sys.executable, "-m", *map(str, command)]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=110, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_validates_and_its_types_are_right(desk, folder, tmp_path):
    assert "is a valid plugin" in desk.yesman("plugin", "validate", str(folder)).stdout
    tool(folder, "mypy", "--strict", "--cache-dir", tmp_path / "mypy", "src", "tests")
    strict = {"typeCheckingMode": "strict", "include": [str(folder)], "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(strict))
    said = tool(folder, "basedpyright", "-p", tmp_path, "--pythonpath", sys.executable)
    assert "0 errors, 0 warnings" in said


def test_a_mistake_in_it_is_found_by_both_checkers(desk, tmp_path):
    """The control: they do look at the code, and at our types."""
    folder = tmp_path / "mine"
    desk.yesman("plugin", "new", "mine", "--into", str(folder))
    main = folder / "src" / "main.py"
    main.write_text(main.read_text().replace("get_current_session()", "get_current_sesion()"))
    for checker in (["mypy", "--strict", "src"], ["basedpyright", "src"]):
        with pytest.raises(AssertionError, match="get_current_sesion"):
            tool(folder, *checker)


def test_its_own_tests_pass(desk, folder):
    desk.patience = 100.0
    ran = desk.yesman("plugin", "test", str(folder), "--", "-q")
    assert " passed" in ran.stdout
    assert not list(folder.rglob("__pycache__"))


def test_it_installs_and_runs_untouched(desk, folder, kind):
    before = digest_folder(folder)
    ran = desk.yesman("plugin", "install", str(folder), "--yes")
    assert "Installed mine 0.1.0, which is now enabled." in ran.stdout
    assert "Warning" not in ran.stderr
    desk.yesman("session", "new", "work", "--cwd", "/tmp")
    *_, last = [desk.yesman(*line.split()[1:], code=None) for line in RUN[kind]]
    assert SHOWN[kind] in last.stdout + last.stderr
    if kind == "provider":
        assert (desk.home / "data/mine/messages.txt").read_text() == "[normal] Hello: there\n"
    assert digest_folder(folder) == before


def test_it_says_what_it_made_and_what_comes_next(desk, tmp_path):
    ran = desk.yesman("plugin", "new", "mine", "--into", str(tmp_path / "mine"))
    assert ran.stdout.splitlines()[0] == f"The command plugin mine is in {tmp_path / 'mine'}:"
    assert "  src/main.py" in ran.stdout.splitlines()
    assert f"yesman plugin test {tmp_path / 'mine'}" in ran.stderr


def test_programs_are_told_as_json(desk, tmp_path):
    options = ("--type", "hook", "--description", "Keeps é", "--author", "Ada", "--json")
    told = json.loads(desk.yesman("plugin", "new", "mine", "--into", str(tmp_path / "m"), *options).stdout)
    assert (told["name"], told["type"], told["folder"]) == ("mine", "hook", str(tmp_path / "m"))
    assert all((tmp_path / "m" / path).is_file() for path in told["files"])
    assert 'description: "Keeps é"' in (tmp_path / "m" / "plugin.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "yesman: The name of the plugin is missing. Name it: yesman plugin new NAME\n"),
        (("My_Plugin",), "yesman: 'My_Plugin' cannot be the name of a plugin."),
        (("session",), "yesman: 'session' is a command of yesman's own. Choose another name.\n"),
        (("mine", "--description", "two\nlines"), "yesman: plugin.yaml:6: "),
    ],
)
def test_without_a_terminal_it_never_waits(desk, tmp_path, arguments, said):
    ran = desk.yesman("plugin", "new", "--into", str(tmp_path / "m"), *arguments, code=2)
    assert ran.stderr.startswith(said)
    assert not (tmp_path / "m").exists()


def test_nothing_is_written_over(desk, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    ran = desk.yesman("plugin", "new", "mine", "--into", str(tmp_path), code=2)
    assert (
        ran.stderr
        == f"yesman: '{tmp_path}' is not empty. Choose another place: --into DIR, or empty it first.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_on_a_terminal_it_asks_for_what_was_not_given(desk, tmp_path):
    terminal = desk.terminal("plugin", "new", "--into", str(tmp_path / "m"), "--author", "Ada")
    terminal.read_until("Name: ")
    terminal.type("asked\n")
    terminal.read_until("Type, one of command, hook, provider, integration, ui [command]: ")
    terminal.type("hook\n")
    terminal.read_until("Description [Hears of new sessions, and keeps some from being closed]: ")
    terminal.type("\n")
    terminal.read_until("yesman plugin install --link")
    assert terminal.end() == 0
    manifest = (tmp_path / "m" / "plugin.yaml").read_text("utf-8")
    assert "name: asked\n" in manifest
    assert "type: hook\n" in manifest
    assert 'author: "Ada"\n' in manifest


def test_ctrl_c_at_a_question_leaves_nothing(desk, tmp_path):
    terminal = desk.terminal("plugin", "new", "--into", str(tmp_path / "m"))
    terminal.read_until("Name: ")
    assert terminal.interrupt() == 130
    assert not (tmp_path / "m").exists()
