"""What an embedder's function takes, gives and raises when it runs in a sandbox."""

from __future__ import annotations

import asyncio
import functools
import json
import operator
import textwrap
from pathlib import Path

import pytest

from yesman.embed import PluginSandbox


def beside(value):
    """A function of a file that imports pytest and yesman.embed, as an embedder's own may."""
    return [PluginSandbox.__name__, value]


async def test_a_function_gets_its_arguments_and_gives_its_result(sandbox, work):
    assert await sandbox.execute(work.add, 1) == 2
    assert await sandbox.execute(work.add, 1, b=5) == 6
    assert await sandbox.execute(work.add_later, "a", b="ü") == "aü"
    assert await sandbox.execute(work.Holder.plain, {"a": [1, None, 2.5]}) == {"a": [1, None, 2.5]}
    assert await sandbox.execute(work.same, (1, 2)) == [1, 2]
    assert await sandbox.execute(work.decorated, 1) == 2


async def test_a_function_may_lie_beside_the_code_that_runs_it(sandbox):
    assert await sandbox.execute(beside, 3) == ["PluginSandbox", 3]


async def test_a_function_of_a_package_imports_the_rest_of_it(sandbox, tmp_path, monkeypatch):
    package = tmp_path / "helpers_of_a_test"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("BASE = 40\n")
    (package / "logging.py").write_text("")  # shadows nothing
    (package / "inner" / "__init__.py").write_text("")
    source = "import logging\nfrom .. import BASE\ndef work(n):\n    return logging.INFO, BASE + n\n"
    (package / "inner" / "deep.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    deep = __import__("helpers_of_a_test.inner.deep", fromlist=["work"])
    assert await sandbox.execute(deep.work, 2) == [20, 42]


async def test_a_function_of_the_standard_library_runs(sandbox):
    assert await sandbox.execute(textwrap.dedent, "  a") == "a"
    assert await sandbox.execute(json.loads, "[1]") == [1]


class Callable:
    """An object that can be called."""

    def __call__(self):
        return None


def refused():
    local = lambda: None  # noqa: E731 - what is refused

    def nested():
        return local

    made = {}
    exec("def made(): pass", made)  # noqa: S102 - a function without a file
    return {
        "a lambda": local,
        "a nested function": nested,
        "a bound method": Callable().__call__,
        "a built-in": len,
        "a partial": functools.partial(beside, 1),
        "a callable object": Callable(),
        "a class": Callable,
        "an operator": operator.itemgetter(1),
        "no file": made["made"],
        "None": None,
    }


@pytest.mark.parametrize("kind", refused())
async def test_what_has_no_name_in_a_file_is_refused_with_advice(sandbox, kind):
    with pytest.raises(
        TypeError, match=r"cannot be run in a sandbox.*; pass a function that a module defines"
    ):
        await sandbox.execute(refused()[kind])


async def test_what_a_name_no_longer_means_is_refused(sandbox, module):
    made = module("def work():\n    return 1\nold = work\ndef work():\n    return 2\n")
    with pytest.raises(TypeError, match="'work' cannot be run in a sandbox, because it is not what"):
        await sandbox.execute(made.old)
    assert await sandbox.execute(made.work) == 2


@pytest.mark.parametrize(
    ("value", "what"), [({1}, "set"), (object(), "object"), (float("nan"), "float"), ("\ud800", "surrogates")]
)
async def test_an_argument_that_is_no_data_is_named(sandbox, work, value, what):
    with pytest.raises(TypeError, match=f"argument 'b' cannot cross into the sandbox.*{what}"):
        await sandbox.execute(work.add, 1, b=value)
    with pytest.raises(TypeError, match="argument 2 cannot cross"):
        await sandbox.execute(work.add, 1, value)


async def test_arguments_that_are_too_large_are_refused_and_large_ones_cross(sandbox, work):
    with pytest.raises(ValueError, match="argument 'b' has 300003 bytes"):
        await sandbox.execute(work.add, "x", b="x" * 300_000)
    assert len(await sandbox.execute(work.add, "x", b="y" * 200_000)) == 200_001


@pytest.mark.parametrize("name", ["a set", "not a number", "large", "deep", "many"])
async def test_a_result_that_cannot_cross_is_a_type_error(sandbox, work, name):
    with pytest.raises(TypeError):
        await sandbox.execute(work.returns, name)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("value", ValueError, "so not."),
        ("key", KeyError, "missing"),
        ("own", LookupError, "mine"),
        ("plain", RuntimeError, "Exception: plain"),
        ("unicode", UnicodeError, "can't decode"),
        ("group", RuntimeError, "several"),
        ("stop", RuntimeError, "stop"),
        ("exit", RuntimeError, "enough"),
    ],
)
async def test_what_it_raises_arrives_as_the_nearest_built_in(sandbox, work, name, kind, text):
    with pytest.raises(kind) as raised:
        await sandbox.execute(work.fail, name)
    assert type(raised.value) is kind
    assert text in str(raised.value)
    assert any("functions.py" in note and "in fail" in note for note in raised.value.__notes__)


async def test_each_execution_is_a_fresh_process(sandbox, work):
    assert [await sandbox.execute(work.remember, n) for n in (1, 2)] == [[1], [2]]


async def test_a_hundred_at_the_same_time_do_not_disturb_each_other(sandbox, work):
    running = [sandbox.execute(work.remember, n) for n in range(100)]
    assert await asyncio.gather(*running) == [[n] for n in range(100)]


async def test_what_it_wrote_is_gone_afterwards(sandbox, work):
    folders = await sandbox.execute(work.scratch)
    assert [Path(folder).parent.exists() for folder in folders] == [False, False]
