"""Where an embedder's plugins live, and what its users are told to type."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.cli.program import Program
from yesman.embed.places import DEFAULT, home_of

HELP = "To allow it: yesman plugin grant a b. See 'yesman server status', this yesman, yesman 0.11"


def test_the_state_lies_beside_the_plugins(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_of("~/.notes/plugins").root == tmp_path / ".notes"
    assert home_of("~/.notes/../.tasks/plugins/").plugins == tmp_path / ".tasks" / "plugins"


def test_only_the_default_heeds_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path / "else"))
    assert home_of(DEFAULT).root == tmp_path / "else"
    assert home_of("/srv/notes/plugins").root == Path("/srv/notes")


@pytest.mark.parametrize("folder", ["~/.notes", "~/.notes/extensions", "~/plugins", "/plugins", ""])
def test_a_folder_whose_surroundings_are_not_for_state_is_refused(folder):
    with pytest.raises(ValueError, match="must be like"):
        home_of(folder)


def test_yesman_itself_says_what_it_always_said():
    assert Program().advice(HELP) == HELP


def test_a_program_that_manages_plugins_names_its_own_command():
    said = Program("notes", "plugin", Path("/h")).advice(HELP)
    assert said.startswith("To allow it: notes plugin grant a b. See 'YESMAN_HOME=/h yesman server status'")
    assert said.endswith("this yesman, yesman 0.11")


def test_one_that_does_not_names_its_home():
    said = Program("notes", "", Path("/a b")).advice(HELP)
    assert said.startswith("To allow it: YESMAN_HOME='/a b' yesman plugin grant a b.")
