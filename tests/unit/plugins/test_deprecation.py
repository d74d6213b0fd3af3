"""Names that are on their way out say so, and are gone when they said they would be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from packaging.version import Version

import yesman
from yesman.plugins._deprecation import ApiDeprecationWarning, Deprecation, deprecated, warn

SOURCE = Path(yesman.__file__).parent
ROW = Deprecation("old()", "0.11.0", "1.0.0", "new()")


@deprecated(ROW)
def old(value: int) -> int:
    """Return the value."""
    return value


def test_what_is_deprecated_works_and_says_until_when():
    with pytest.warns(ApiDeprecationWarning, match=r"goes away in 1\.0\.0; use new\(\)$") as caught:
        assert old(3) == 3
    assert caught[0].filename == __file__
    assert old.__doc__ == "Return the value."


def test_a_parameter_may_be_deprecated_alone():
    def call(data: object = None) -> None:
        if data is not None:
            warn(Deprecation("call(data)", "0.11.0", "1.0.0"))

    call()
    with pytest.warns(ApiDeprecationWarning, match=r"goes away in 1\.0\.0$") as caught:
        call(1)
    assert caught[0].filename == __file__


def outlived(source: str, version: str) -> list[str]:
    """Return the names that a source deprecates and a version should not have any more."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    rows = [
        Deprecation(
            *map(ast.literal_eval, call.args), **{k.arg: ast.literal_eval(k.value) for k in call.keywords}
        )
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] == Deprecation.__name__
    ]
    return sorted(row.name for row in rows if Version(row.gone) <= Version(version))


def test_nothing_deprecated_outlives_the_version_that_removes_it():
    found = {
        str(path): outlived(path.read_text("utf-8"), yesman.__version__) for path in SOURCE.rglob("*.py")
    }
    assert found
    assert {path: names for path, names in found.items() if names} == {}, "remove them: their time is over"


def test_an_outlived_name_is_noticed():
    source = 'warn(_deprecation.Deprecation("a", "0.9", gone="0.12.0"))\nDeprecation("b", "0.9", "0.13.0")'
    assert outlived(source, "0.11.0") == []
    assert outlived(source, "0.12.0") == ["a"]
    assert outlived(source, "1.0.0") == ["a", "b"]
