"""The command index gives back what was compiled, and reads anything else as empty."""

from __future__ import annotations

import random

import pytest

from yesman.host.index import MAGIC, CommandIndex, compile_index

COMMANDS = [
    (
        "greet",
        "demo",
        {"name": "greet", "description": "Greets\nwarmly\tand long", "options": [{"name": "--x"}]},
    ),
    ("other:greet", "other", {"name": "greet", "description": "Grüßt 👋", "options": []}),
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "commands.index"


def test_what_is_compiled_is_read(path):
    path.write_bytes(compile_index(COMMANDS, "7"))
    index = CommandIndex.read(path)
    assert index.stamp == "7"
    assert {name: (row.plugin, row.help) for name, row in index.rows.items()} == {
        "greet": ("demo", "Greets warmly and long"),
        "other:greet": ("other", "Grüßt 👋"),
    }
    assert index.detail("greet") == {"plugin": "demo", **COMMANDS[0][2]}
    assert index.detail("other:greet") == {"plugin": "other", **COMMANDS[1][2]}


def test_a_command_that_is_not_there_is_a_key_error(path):
    path.write_bytes(compile_index(COMMANDS, "7"))
    with pytest.raises(KeyError):
        CommandIndex.read(path).detail("absent")


def test_no_commands_at_all_are_an_index_too(path):
    path.write_bytes(compile_index([], "0"))
    assert (CommandIndex.read(path).rows, CommandIndex.read(path).stamp) == ({}, "0")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"yesman-commands 2 x\n\n", b"\xff" * 100, b'{"a": 1}', b"\0" * 1000, MAGIC.encode()],
)
def test_what_we_did_not_write_reads_as_empty(path, content):
    path.write_bytes(content)
    assert CommandIndex.read(path).rows == {}


def test_absent_files_and_folders_read_as_empty(path):
    assert CommandIndex.read(path).rows == {}
    path.mkdir()
    assert CommandIndex.read(path).rows == {}


def test_a_torn_file_reads_as_empty_wherever_it_is_torn(path):
    whole = compile_index(COMMANDS, "7")
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert CommandIndex.read(path).rows == {}
    path.write_bytes(whole)
    assert len(CommandIndex.read(path).rows) == 2


def test_bytes_that_were_changed_never_raise_while_it_is_read(path):
    chance = random.Random(1)  # noqa: S311 - no secret
    whole = compile_index(COMMANDS, "7")
    for _ in range(300):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(changed)
        CommandIndex.read(path)


def test_a_huge_index_is_read_whole(path):
    commands = [(f"c{n}", f"p{n}", {"name": f"c{n}", "description": "d" * 500}) for n in range(5_000)]
    path.write_bytes(compile_index(commands, "7"))
    index = CommandIndex.read(path)
    assert len(index.rows) == 5_000
    assert len(index.rows["c4999"].help) == 200
    assert index.detail("c4999")["description"] == "d" * 500
