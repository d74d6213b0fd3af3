"""A plugin has its own versions of the very packages that yesman uses. Needs the package index."""

from __future__ import annotations

import importlib.metadata

import pytest
from hosted.index import through_index

WANTED = {"click": "8.0.4", "msgspec": "0.19.0", "PyYAML": "6.0.2", "anyio": "3.7.1"}
LOOK = """
import importlib.metadata as m, click, msgspec, yaml, anyio
wanted = {names}
files = [click.__file__, msgspec.__file__, yaml.__file__, anyio.__file__]
return {{
    "metadata": {{name: m.version(name) for name in wanted}},
    "attributes": [click.__version__, msgspec.__version__, yaml.__version__],
    "files": files,
    "working": [msgspec.json.decode(b"[1]"), yaml.safe_load("a: 1"), click.unstyle("x")],
    "everything": sorted(d.metadata["Name"] for d in m.distributions()),
}}
"""


@pytest.fixture
def environ(environ):
    return through_index(environ)


def test_a_plugin_gets_exactly_the_versions_it_names(server, plugins):
    dependencies = [f"{name}=={version}" for name, version in WANTED.items()]
    folder = plugins.make(commands={"look": LOOK.format(names=list(WANTED))}, dependencies=dependencies)
    answer = server.try_install(folder)
    if answer.failure is not None and answer.failure["kind"] == "remote":
        pytest.fail(f"this test needs a package index, and none answers: {answer.failure['message']}")
    assert answer.failure is None
    seen = server.value("demo", "look")
    assert seen["metadata"] == WANTED
    assert seen["attributes"] == [WANTED["click"], WANTED["msgspec"], WANTED["PyYAML"]]
    environments = str(server.home.environments.resolve())
    assert all(file.startswith(environments) for file in seen["files"])
    assert seen["working"] == [[1], {"a": 1}, "x"]
    assert not {"yesman", "uvloop", "rich", "uv", "pytest"} & {name.lower() for name in seen["everything"]}


def test_they_are_not_ours():
    ours = {name: importlib.metadata.version(name) for name in ("click", "msgspec", "PyYAML")}
    assert all(WANTED[name] != version for name, version in ours.items())
