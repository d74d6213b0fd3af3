"""Both APIs, authors' and embedders', are the plan's, apart from what is listed here and decided in ADRs."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman import embed, plugins

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ADRS = Path(__file__).resolve().parents[2] / "docs" / "adr"
API_HEADING = "### 3. Plugin API"
# What embedders use, and how many classes each section sketches.
EMBEDDING = {
    "### 4. Plugin Loader and Manager": 1,
    "### 5. Plugin Sandbox": 2,
    "### 6. Plugin Marketplace": 2,
}

# What differs -> the ADR that says why. A row that no longer differs fails the test as well.
DEVIATIONS = {
    "PluginContext.data_dir: added": "0004",
    "PluginContext.plugin_manager: added": "0015",
    "PluginContext.providers: added": "0023",
    "PluginContext.notifications: added": "0023",
    "PluginContext.panels: added": "0004",
    "PluginBase.initialize: not abstract": "0004",
    "PluginBase.cleanup: not abstract": "0004",
    "PluginBase.get_commands: returns list[PluginCommand], not list[Command]": "0004",
    "PluginBase.get_providers: returns dict[str, IProvider], not dict[str, Provider]": "0004",
    "CommandPlugin.get_commands: returns list[PluginCommand], not list[Command]": "0004",
    "PluginCommand.__init__(options): is list[dict[str, Any]] | None, not list[dict[str, Any]]": "0004",
}
EMBEDDING_DEVIATIONS = {
    "PluginLoader.load_plugin: returns LoadedPlugin, not LoadedPlugin | None": "0028",
    "PluginLoader._create_plugin_venv: missing": "0028",
    "PluginLoader._load_plugin_module: missing": "0028",
    "PluginMarketplace._verify_package: missing": "0041",
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
    text = re.sub(r"\bOptional\[(\w+)\]", r"\1 | None", text)
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


def raised_in(node: ast.AST) -> set[str]:
    """Return the names of the exceptions that a function of the sketch makes and raises."""
    made = (n.exc.func for n in ast.walk(node) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call))
    return {ast.unparse(name) for name in made}


def raises_of(method: Any) -> set[str]:
    """Return the names of the exceptions that a docstring lists."""
    listed = inspect.getdoc(method) or ""
    rows = re.findall(r"^    ([\w., ]+):", listed.partition("Raises:\n")[2], re.MULTILINE)
    return {name.strip() for row in rows for name in row.split(",")}


def method_differs(owner: str, node: Any, method: Any) -> Iterator[str]:
    label, signature = f"{owner}.{node.name}", inspect.signature(method)
    yield from parameters_differ(label, node, signature)
    wanted, found = spelled(node.returns), spelled(signature.return_annotation)
    if wanted and found != wanted:
        yield f"{label}: returns {found}, not {wanted}"
    abstract = any(ast.unparse(decorator) == "abstractmethod" for decorator in node.decorator_list)
    if abstract != getattr(method, "__isabstractmethod__", False):
        yield f"{label}: {'not ' if abstract else ''}abstract"
    yield from (f"{label}: does not raise {name}" for name in sorted(raised_in(node) - raises_of(method)))
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


def embedding(plan: str) -> Iterator[tuple[str, str]]:
    """Return the heading and the source of each section for embedders."""
    return ((heading, block_under(plan, heading)) for heading in EMBEDDING)


def test_the_embedders_api_differs_from_the_plan_only_as_decided(plan_text):
    sources = dict(embedding(plan_text))
    assert {heading: len(classes_of(source)) for heading, source in sources.items()} == EMBEDDING
    found = [row for source in sources.values() for row in deviations(source, embed)]
    assert set(found) == EMBEDDING_DEVIATIONS.keys()


def test_what_the_plan_keeps_in_an_embedders_object_is_there(plan_text, tmp_path, monkeypatch):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    classes = {k: v for _, source in embedding(plan_text) for k, v in classes_of(source).items()}
    for name in classes.keys() & set(embed.__all__):
        made = getattr(embed, name)()
        attributes = (node for node in ast.walk(classes[name]) if isinstance(node, ast.Attribute))
        kept = [node.attr for node in attributes if isinstance(node.ctx, ast.Store)]
        assert kept
        assert [attribute for attribute in kept if not hasattr(made, attribute)] == []


def test_what_the_plan_only_constructs_has_these_fields(plan_text):
    tree = ast.parse(block_under(plan_text, "### 4. Plugin Loader and Manager"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (made,) = (call for call in calls if ast.unparse(call.func) == "LoadedPlugin")
    fields = [field.name for field in dataclasses.fields(embed.LoadedPlugin)]
    assert [keyword.arg for keyword in made.keywords] == fields


def test_every_class_of_the_plan_is_public(plan_text):
    assert set(classes_of(block_under(plan_text, API_HEADING))) <= set(plugins.__all__)
    planned = {name for _, source in embedding(plan_text) for name in classes_of(source)}
    assert planned <= set(embed.__all__)


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
    async def execute(self, func, *args, timeout: float = 31, **kwargs):
        raise EOFError("no")
"""
    found = set(deviations(sketch, embed))
    assert "PermissionManager.PERMISSION_LEVELS: session.read is 1" in found
    assert "PluginSandbox.execute(timeout): default 30, not 31" in found
    assert "PluginSandbox.execute(timeout): is int, not float" in found
    assert "PluginSandbox.execute: does not raise EOFError" in found


def test_every_deviation_is_argued_in_an_adr():
    for deviation, number in (DEVIATIONS | EMBEDDING_DEVIATIONS).items():
        (page,) = ADRS.glob(f"{number}-*.md")
        name = re.findall(r"\w+", deviation.partition(":")[0])[-1]
        assert f"`{name}`" in page.read_text(encoding="utf-8"), deviation
