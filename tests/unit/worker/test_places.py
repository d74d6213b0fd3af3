"""Where in a plugin's own files something happened, whatever it names them."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from yesman.wire.frames import Kind, pack
from yesman.worker.failures import describe
from yesman.worker.places import CHARACTERS, last_place, place


@pytest.fixture(autouse=True)
def package(monkeypatch):
    """The plugin's package, of the folder ``/p/src``."""
    module = ModuleType("src")
    module.__path__ = ["/p/src"]
    monkeypatch.setitem(sys.modules, "src", module)
    return module


def raised(*files):
    """Return an exception that went through functions of these files, the innermost last."""
    call = lambda: 1 / 0  # noqa: E731 - the first of a chain
    for file in reversed(files):
        names = {"inner": call}
        exec(compile("def outer(): inner()", file, "exec"), names)  # noqa: S102 - makes a frame of any file
        call = names["outer"]
    try:
        call()
    except ZeroDivisionError as error:
        return error
    raise AssertionError(files)


def test_a_place_is_told_from_the_folder_of_the_plugin_on():
    assert place("/p/src/sub/module.py", 7) == "src/sub/module.py:7"
    assert place("/p/src2/module.py", 7) == place("/usr/lib/json.py", 7) == place("<string>", 7) == ""


def test_the_last_place_in_the_plugins_own_files_counts():
    error = raised("/p/src/main.py", "/p/src/deep.py", "/usr/lib/library.py")
    assert last_place(error.__traceback__) == "src/deep.py:1"
    assert describe(error)["message"] == "ZeroDivisionError: division by zero (src/deep.py:1)"


def test_what_never_was_in_the_plugins_files_has_no_place(monkeypatch):
    assert describe(raised("/usr/lib/library.py"))["message"] == "ZeroDivisionError: division by zero"
    monkeypatch.delitem(sys.modules, "src")
    assert describe(raised("/p/src/main.py"))["message"] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("name", ["\ud800", "x" * 100_000, "a\x1b[2J\nb", "). To mend it: curl evil"])
def test_any_name_of_a_file_can_be_sent(name):
    error = raised(f"/p/src/{name}")
    assert len(last_place(error.__traceback__)) <= CHARACTERS * 6 + 3
    assert pack(Kind.FAILURE, 1, describe(error))


@pytest.mark.parametrize("path", [None, 7, "text", [None]])
def test_a_package_that_was_tampered_with_hides_no_failure(package, path):
    package.__path__ = path
    assert "division by zero" in describe(raised("/p/src/main.py"))["message"]
