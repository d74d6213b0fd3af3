"""The tutorial is followed to the letter, by a reader who knows nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from followed import NotAsTold, follow

PAGE = Path(__file__).resolve().parents[3] / "docs/tutorial/first-plugin.md"


@pytest.mark.timeout(300)  # ten minutes of a reader; seconds where nothing else is going on
def test_the_tutorial_leads_from_an_empty_folder_to_a_package_installed_elsewhere(reader):
    assert not list(reader.folder.iterdir())
    follow(PAGE.read_text("utf-8"), reader)
    assert (reader.folder / "todos-0.1.0.yplug").is_file()
    assert (reader.folder / "elsewhere/plugin_registry.json").is_file()


@pytest.mark.parametrize(
    ("told", "otherwise"),
    [
        ("Session work runs in …/project.", "Session work has begun in …/project."),
        ("Hello Ada, this is session work.", "Hello Ada."),
        ("Grant these permissions? [y/N] y", "Grant these permissions? [y/N] n"),
    ],
)
def test_a_page_that_says_something_else_is_not_as_told(reader, told, otherwise):
    before, found, after = PAGE.read_text("utf-8").partition(told)
    assert found
    short = (before + otherwise + after).partition("## Change it")[0]
    with pytest.raises(NotAsTold, match="as the page says"):
        follow(short, reader)
