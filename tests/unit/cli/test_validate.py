"""Checking a plugin's folder: everything that is wrong is reported."""

import json

import pytest

from yesman.cli.main import run
from yesman.findings.folder import structure

GOOD = "name: hello\nversion: 1.0.0\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "plugin.yaml").write_text(GOOD)
    (tmp_path / "src/main.py").write_text("from yesman.plugins import PluginBase\n")
    return tmp_path


def messages(folder) -> list[str]:
    return [f"{found.place}: {found.message}".removeprefix(": ") for found in structure(folder).findings]


def test_a_sound_plugin(folder, capsys):
    assert run(["plugin", "validate", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("hello 1.0.0 in ")


def test_everything_is_found_at_once(folder, capsys):
    (folder / "plugin.yaml").write_text(GOOD + "permisions: []\n")
    (folder / "src/main.py").write_text("def broken(:\n")
    (folder / "requirements.txt").write_text("--index-url https://example.org\n")
    (folder / "link").symlink_to("/etc/passwd")
    assert run(["plugin", "validate", str(folder)]) == 2
    lines = capsys.readouterr().err.strip().split("\n")
    assert [line.split(": ")[0] for line in lines[:3]] == [
        "plugin.yaml:3",
        "src/main.py:1",
        "requirements.txt:1",
    ]
    assert "link" in lines[3]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("plugin.yaml", None, "There is no plugin.yaml"),
        ("src/main.py", None, "There is no src/main.py"),
        ("src/main.py", "x = '\0'", "src/main.py"),
        ("src/main.py", "(" * 5000, "src/main.py"),
        ("src/main.py", "#" * (1 << 20) + "#", "src/main.py has more than"),
        (
            "plugin.yaml",
            GOOD + "yesman:\n  min_version: '99'\n",
            "plugin.yaml:3: 'hello' 1.0.0 needs yesman 99",
        ),
        ("requirements.txt", "x" * 70_000, "requirements.txt is larger"),
    ],
)
def test_each_fault_is_one_sentence(folder, name, content, message):
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_text(content)
    assert [found for found in messages(folder) if found.startswith(message)]


def test_warnings_of_the_parser_stay_away(folder):
    (folder / "src/main.py").write_text("x = '\\d' is 3\n")
    assert messages(folder) == []


def test_json_tells_the_same(folder, capsys):
    (folder / "src/main.py").unlink()
    assert run(["plugin", "validate", "--json", str(folder)]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert (answer["valid"], answer["name"]) == (False, "hello")
    (finding,) = answer["findings"]
    assert finding.keys() == {"rule", "level", "file", "line", "message", "fix"}
    assert (finding["rule"], finding["level"]) == ("entry", "error")


def test_warnings_are_told_and_are_no_failure(folder, capsys):
    assert run(["plugin", "validate", str(folder)]) == 0
    told = capsys.readouterr()
    assert "with 2 warnings" in told.out
    assert "README.md: warning: There is no README.md. Write one" in told.err
    assert run(["plugin", "validate", "--strict", str(folder)]) == 2


def test_what_was_not_checked_is_told_and_is_no_warning(folder, capsys):
    (folder / "plugin.yaml").write_text(GOOD + "description: It says hello.\n")
    (folder / "README.md").touch()
    (folder / "requirements.txt").write_text("six\n")
    assert run(["plugin", "validate", "--offline", "--strict", str(folder)]) == 0
    assert "requirements.txt: unchecked: " in capsys.readouterr().err


def test_the_schema_needs_no_folder(capsys):
    assert run(["plugin", "validate", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")


def test_no_folder_at_all(tmp_path, capsys):
    assert run(["plugin", "validate", str(tmp_path / "absent")]) == 5
    assert run(["plugin", "validate"]) == 2
    assert "There is no folder" in capsys.readouterr().err
