"""A plugin's modules in the test's process."""

from __future__ import annotations

import sys

import pytest

from yesman.model.errors import NotFoundError
from yesman.testkit.sources import load_source

TEST = "from yesman.plugins.testing import load_source\nloaded = load_source({part})\n"


def loaded(folder, part=""):
    """Run a file of tests within ``folder`` and return what it has loaded."""
    file = folder / "tests" / "conftest.py"
    file.parent.mkdir(exist_ok=True)
    names = {"__file__": str(file), "__name__": "conftest"}
    exec(compile(TEST.format(part=part), file, "exec"), names)  # noqa: S102 - the caller's file is what counts
    return names["loaded"]


@pytest.fixture
def plugin_in(tmp_path):
    def make(name, main):
        (tmp_path / name / "src").mkdir(parents=True)
        (tmp_path / name / "plugin.yaml").write_text(f"name: {name}\nversion: 1.0.0\n")
        (tmp_path / name / "src" / "__init__.py").touch()
        (tmp_path / name / "src" / "main.py").write_text(main)
        (tmp_path / name / "src" / "words.py").write_text(f"WORD = {name!r}\n")
        return tmp_path / name

    return make


def test_modules_are_attributes_and_import_each_other(plugin_in):
    folder = plugin_in("one", "from .words import WORD\n")
    source = loaded(folder)
    assert (source.main.WORD, source.words.WORD) == ("one", "one")
    assert loaded(folder) is source
    assert str(folder) not in sys.path


def test_two_plugins_have_their_own(plugin_in):
    one, two = (loaded(plugin_in(name, "from .words import WORD\n")) for name in ("one", "two"))
    assert (one.main.WORD, two.main.WORD) == ("one", "two")


def test_one_file_may_be_loaded(plugin_in):
    folder = plugin_in("one", "")
    (folder / "tests").mkdir()
    (folder / "tests" / "helper.py").write_text("HELP = 1\n")
    assert loaded(folder, "'tests/helper.py'").HELP == 1
    with pytest.raises(FileNotFoundError, match="no Python file"):
        loaded(folder, "'tests/absent.py'")


def test_what_cannot_be_imported_is_tried_again(plugin_in):
    folder = plugin_in("one", "1/0\n")
    with pytest.raises(ZeroDivisionError):
        loaded(folder)
    (folder / "src" / "main.py").write_text("FINE = True  # and of another length\n")
    assert loaded(folder).main.FINE


def test_outside_a_plugin_it_says_so():
    with pytest.raises(NotFoundError, match="lies in no plugin"):
        load_source()
