"""Where the command line starts and ends: messages and exit codes, without any server."""

import pytest

from yesman import __version__
from yesman.cli import failures, group
from yesman.cli.failures import ServerFailureError, tell
from yesman.cli.main import run
from yesman.host.index import compile_index
from yesman.model.errors import NotFoundError, PermissionDeniedError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["--debug", "--help"], ["--debug"]])
def test_help(arguments, capsys):
    assert run(arguments) == 0
    assert capsys.readouterr().out.startswith("Usage: yesman [OPTIONS] COMMAND")


@pytest.mark.parametrize("arguments", [["--version"], ["--debug", "--version"]])
def test_version(arguments, capsys):
    assert run(arguments) == 0
    assert capsys.readouterr().out == f"yesman {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sesion"], "There is no command 'sesion'. Did you mean 'session'?"),
        (["plugin", "isntall"], "There is no command 'isntall'. Did you mean 'install'?"),
        (["qqqq"], "There is no command 'qqqq'. No plugin adds commands here: yesman plugin list"),
        (
            ["plugin", "list", "--jsn"],
            "No such option '--jsn'. Did you mean '--json'? See: yesman plugin list --help",
        ),
        (["session", "new"], "Missing argument 'NAME'. See: yesman session new --help"),
        (["--frobnicate"], "No such option '--frobnicate'. See: yesman --help"),
        (
            ["\x1b[31m"],
            "There is no command '\\u{1b}[31m'. No plugin adds commands here: yesman plugin list",
        ),
    ],
)
def test_a_slip_is_one_sentence_and_exit_code_2(arguments, message, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().err == f"yesman: {message}\n"


def test_a_near_miss_of_a_plugin_command_is_found(home, capsys):
    described = {"name": "git-insight", "description": "", "options": []}
    (home / "commands.index").write_bytes(compile_index([("git-insight", "p", described)], "1"))
    assert run(["gti-insight"]) == 2
    assert run(["zzzz"]) == 2
    errors = capsys.readouterr().err.split("\n")
    assert errors[0].endswith("Did you mean 'git-insight'?")
    assert errors[1].endswith("See: yesman --help")


def test_a_damaged_index_is_said_so(home, capsys):
    described = {"name": "x", "description": "", "options": [{}]}
    (home / "commands.index").write_bytes(compile_index([("x", "p", described)], "1"))
    assert run(["x"]) == 4
    assert "commands.index" in capsys.readouterr().err


def test_a_mistake_of_ours_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(group.Root, "get_command", lambda *_: 1 / 0)
    assert run(["anything"]) == 1
    assert capsys.readouterr().err.startswith("yesman: A mistake in yesman: ZeroDivisionError")
    assert run(["--debug", "anything"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [
        (NotFoundError("nothing", "Look"), "yesman: nothing. Look.\n", 5),
        (PermissionDeniedError("no", "Run: yesman x --yes"), "yesman: no. Run: yesman x --yes\n", 3),
        (
            ServerFailureError({"kind": "plugin", "message": "V: a\nb\x1b", "exit_code": 9}),
            "yesman: V: a b\\x1b.\n",
            9,
        ),
        (ServerFailureError({"kind": "interrupted", "message": "interrupted", "exit_code": 130}), "", 130),
        (ServerFailureError({"kind": "exit", "message": "", "exit_code": 0}), "", 0),
        (ServerFailureError({"exit_code": 1000}), "", 1),
    ],
)
def test_failures_are_told(error, text, code, capsys):
    assert tell(error) == code
    assert capsys.readouterr().err == text


def test_a_plugins_traceback_is_for_debugging(capsys):
    error = ServerFailureError({"message": "broken", "traceback": "Traceback of it\x1b[2J\n"})
    assert failures.tell(error, debug=True) == 1
    told = capsys.readouterr().err
    assert told == "In the plugin:\nTraceback of it\\x1b[2J\n\nyesman: broken.\n"
