"""Both APIs, authors' and embedders', are the plan's, apart from what is listed here and decided in ADRs."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import inspect
import logging
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from yesman import embed, plugins
from yesman.plugins import EventBus, PluginContext, SessionManager, TmuxManager

if TYPE_CHECKING:
    from collections.abc import Iterator

ADRS = Path(__file__).resolve().parents[2] / "docs" / "adr"
API_HEADING = "### 3. Plugin API"
SANDBOX_HEADING = "### 5. Plugin Sandbox"
EXAMPLE_HEADING = "### Example: GitHub Integration"

# What differs -> the ADR that says why. A row that no longer differs fails the test as well.
DEVIATIONS = {
    "PluginContext.data_dir: added": "0004",
    "PluginContext.plugin_manager: added": "0015",
    "PluginContext.providers: added": "0023",
    "PluginContext.notifications: added": "0023",
    "PluginBase.initialize: not abstract": "0004",
    "PluginBase.cleanup: not abstract": "0004",
    "PluginBase.get_commands: returns list[PluginCommand], not list[Command]": "0004",
    "PluginBase.get_providers: returns dict[str, IProvider], not dict[str, Provider]": "0004",
    "CommandPlugin.get_commands: returns list[PluginCommand], not list[Command]": "0004",
    "PluginCommand.__init__(options): is list[dict[str, Any]] | None, not list[dict[str, Any]]": "0004",
}
EMBEDDING_DEVIATIONS = {
    "PluginSandbox._sandbox_worker: missing": "0016",
    "PluginSandbox._set_resource_limits: missing": "0016",
    "PermissionManager.__init__: parameters ['self', 'grants'], not ['self']": "0016",
    "PermissionManager.PERMISSION_LEVELS: added session.type": "0016",
    "PermissionManager.PERMISSION_LEVELS: added provider.use": "0023",
}


def block_under(plan: str, heading: str) -> str:
    """Return the first Python block below a heading."""
    fenced = re.search(r"^```python\n(.*?)^```", plan.partition(heading + "\n")[2], re.DOTALL | re.MULTILINE)
    assert fenced, heading
    return fenced[1]


def spelled(annotation: ast.expr | str | None) -> str:
    """Return an annotation in today's spelling: builtins for typing's aliases, forward names unquoted."""
    if annotation is None or annotation is inspect.Parameter.empty:
        return ""
    text = annotation if isinstance(annotation, str) else ast.unparse(annotation)
    text = re.sub(r"'(\w+)'", r"\1", text).replace("List[", "list[").replace("Dict[", "dict[")
    return re.sub(r"\bCallable\b(?!\[)", "Callable[..., Any]", text)


def classes_of(source: str) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def bases_differ(planned: ast.ClassDef, ours: type) -> Iterator[str]:
    wanted = [ast.unparse(base) for base in planned.bases]
    found = [base.__name__ for base in ours.__bases__ if base is not object]
    if wanted != found:
        yield f"{planned.name}: bases {found}, not {wanted}"


def fields_differ(planned: ast.ClassDef, ours: type) -> Iterator[str]:
    wanted = [(n.target.id, spelled(n.annotation)) for n in planned.body if isinstance(n, ast.AnnAssign)]
    found = [(f.name, spelled(f.type)) for f in dataclasses.fields(ours)] if wanted else []
    for place, (want, have) in enumerate(zip(wanted, found, strict=False)):
        if want != have:
            yield f"{planned.name}: field {place} is {have}, not {want}"
    yield from (f"{planned.name}.{name}: missing" for name, _ in wanted[len(found) :])
    yield from (f"{planned.name}.{name}: added" for name, _ in found[len(wanted) :])


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[inspect.Parameter]:
    """Return the parameters that the sketch gives a function."""
    given, kinds = node.args, inspect.Parameter
    assert not given.posonlyargs
    missing: list[Any] = [kinds.empty] * (len(given.args) - len(given.defaults))
    rows = [
        (a, kinds.POSITIONAL_OR_KEYWORD, d) for a, d in zip(given.args, missing + given.defaults, strict=True)
    ]
    rows += [(given.vararg, kinds.VAR_POSITIONAL, kinds.empty)] if given.vararg else []
    rows += [(a, kinds.KEYWORD_ONLY, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    rows += [(given.kwarg, kinds.VAR_KEYWORD, kinds.empty)] if given.kwarg else []
    return [
        inspect.Parameter(
            argument.arg,
            kind,
            default=ast.literal_eval(default) if isinstance(default, ast.expr) else kinds.empty,
            annotation=spelled(argument.annotation),
        )
        for argument, kind, default in rows
    ]


def parameters_differ(label: str, node: Any, signature: inspect.Signature) -> Iterator[str]:
    wanted, found = parameters_of(node), signature.parameters
    if [want.name for want in wanted] != list(found):
        yield f"{label}: parameters {list(found)}, not {[want.name for want in wanted]}"
        return
    for want in wanted:
        name, ours = want.name, found[want.name]
        if ours.kind is not want.kind:
            yield f"{label}({name}): {ours.kind.description}"
        if want.annotation and spelled(ours.annotation) != want.annotation:
            yield f"{label}({name}): is {spelled(ours.annotation)}, not {want.annotation}"
        if ours.default is not want.default and ours.default != want.default:
            yield f"{label}({name}): default {ours.default!r}, not {want.default!r}"


def constants_differ(planned: ast.ClassDef, ours: type) -> Iterator[str]:
    for node in planned.body:
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            label, wanted = f"{planned.name}.{target.id}", ast.literal_eval(node.value)  # type: ignore[attr-defined]  # a name
            found = getattr(ours, target.id, {})  # type: ignore[attr-defined]  # likewise
            yield from (f"{label}: added {key}" for key in found.keys() - wanted.keys())
            yield from (
                f"{label}: {key} is {found.get(key)}" for key in wanted if found.get(key) != wanted[key]
            )


def method_differs(owner: str, node: Any, method: Any) -> Iterator[str]:
    label, signature = f"{owner}.{node.name}", inspect.signature(method)
    yield from parameters_differ(label, node, signature)
    wanted, found = spelled(node.returns), spelled(signature.return_annotation)
    if wanted and found != wanted:
        yield f"{label}: returns {found}, not {wanted}"
    abstract = any(ast.unparse(decorator) == "abstractmethod" for decorator in node.decorator_list)
    if abstract != getattr(method, "__isabstractmethod__", False):
        yield f"{label}: {'not ' if abstract else ''}abstract"
    # The reverse is no deviation: where the sketch says async, a plain method may stand.
    if isinstance(node, ast.FunctionDef) and inspect.iscoroutinefunction(method):
        yield f"{label}: async"


def deviations(source: str, api: ModuleType = plugins) -> Iterator[str]:
    for name, planned in classes_of(source).items():
        ours = getattr(api, name, None)
        if ours is None:
            yield f"{name}: missing"
            continue
        yield from bases_differ(planned, ours)
        yield from fields_differ(planned, ours)
        yield from constants_differ(planned, ours)
        for node in planned.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                method = ours.__dict__.get(node.name)
                yield from method_differs(name, node, method) if method else [f"{name}.{node.name}: missing"]


def test_the_api_differs_from_the_plan_only_as_decided(plan_text):
    source = block_under(plan_text, API_HEADING)
    assert len(classes_of(source)) == 7
    assert set(deviations(source)) == set(DEVIATIONS)


def test_the_embedders_api_differs_from_the_plan_only_as_decided(plan_text):
    source = block_under(plan_text, SANDBOX_HEADING)
    assert len(classes_of(source)) == 2
    assert set(deviations(source, embed)) == set(EMBEDDING_DEVIATIONS)


def test_what_the_plan_keeps_in_an_embedders_object_is_there(plan_text, tmp_path, monkeypatch):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    for name, planned in classes_of(block_under(plan_text, SANDBOX_HEADING)).items():
        made = getattr(embed, name)()
        kept = [
            n.attr for n in ast.walk(planned) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
        ]
        assert kept
        assert [attribute for attribute in kept if not hasattr(made, attribute)] == []


def test_every_class_of_the_plan_is_public(plan_text):
    assert set(classes_of(block_under(plan_text, API_HEADING))) <= set(plugins.__all__)
    assert set(classes_of(block_under(plan_text, SANDBOX_HEADING))) <= set(embed.__all__)


def test_the_comparison_notices_what_changed():
    sketch = """
class PluginCommand:
    def describe(self, depth: int = 1) -> str: ...
    async def gone(self): ...
class Nobody: ...
@dataclass
class PluginContext:
    plugin_dir: str
"""
    found = set(deviations(sketch))
    assert "PluginCommand.describe: parameters ['self'], not ['self', 'depth']" in found
    assert "PluginCommand.describe: returns dict[str, Any], not str" in found
    assert {"PluginCommand.gone: missing", "Nobody: missing", "PluginContext.config: added"} <= found
    assert "PluginContext: field 0 is ('plugin_id', 'str'), not ('plugin_dir', 'str')" in found


def test_the_comparison_notices_other_constants_and_keywords():
    sketch = """
class PermissionManager:
    PERMISSION_LEVELS = {"session.read": 2}
class PluginSandbox:
    async def execute(self, func, *args, timeout: float = 31, **kwargs): ...
"""
    found = set(deviations(sketch, embed))
    assert "PermissionManager.PERMISSION_LEVELS: session.read is 1" in found
    assert "PluginSandbox.execute(timeout): default 30, not 31" in found
    assert "PluginSandbox.execute(timeout): is int, not float" in found


def test_every_deviation_is_argued_in_an_adr():
    for deviation, number in (DEVIATIONS | EMBEDDING_DEVIATIONS).items():
        (page,) = ADRS.glob(f"{number}-*.md")
        name = re.findall(r"\w+", deviation.partition(":")[0])[-1]
        assert f"`{name}`" in page.read_text(encoding="utf-8"), deviation


class OneSession:
    """Answers for a single session of a checkout."""

    def call(self, method: str, /, **params: Any) -> Any:
        assert (method, params) == ("session.current", {})
        return {
            "name": "work",
            "id": "$0",
            "cwd": "/src",
            "attached": True,
            "created": 0.0,
            "windows": [],
            "metadata": {"repo": "owner/name", "branch": "topic"},
        }


class Github:
    """Stands in for the client of the package `github`, which the tests do not install."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.asked: dict[str, str] = {}

    def get_repo(self, name: str) -> SimpleNamespace:
        return SimpleNamespace(create_pull=lambda **fields: self._create(name, **fields))

    def _create(self, repo: str, **fields: str) -> SimpleNamespace:
        self.asked = {"repo": repo, **fields}
        return SimpleNamespace(html_url="https://example.invalid/1")


@pytest.fixture
def example(plan_text, tmp_path, monkeypatch):
    """The plan's example plugin, its source untouched, imported from a file of its own."""
    github = ModuleType("github")
    github.Github = Github
    monkeypatch.setitem(sys.modules, "github", github)
    main = tmp_path / "main.py"
    main.write_text(block_under(plan_text, EXAMPLE_HEADING), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("plan_example", main)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    transport = OneSession()
    services = SessionManager(transport), TmuxManager(transport), EventBus(transport)
    config, logger = {"github_token": "t"}, logging.getLogger("github-integration")
    return module.GitHubIntegrationPlugin(
        PluginContext("github-integration", str(tmp_path), config, logger, *services)
    )


def test_the_plans_example_plugin_describes_its_command(example):
    (command,) = example.get_commands()
    assert command.describe()["name"] == "gh-create-pr"
    said = {option["name"]: (option["required"], option["default"]) for option in command.options}
    assert said == {"--title": (True, None), "--body": (True, None), "--base": (False, "main")}


async def test_the_plans_example_plugin_runs_from_start_to_end(example):
    await example.initialize()
    (command,) = example.get_commands()
    result = await command.handler(title="T", body="B", base="main")
    assert result == {"success": True, "pr_url": "https://example.invalid/1"}
    wanted = {"repo": "owner/name", "title": "T", "body": "B", "base": "main", "head": "topic"}
    assert example.github.asked == wanted
    await example.cleanup()
