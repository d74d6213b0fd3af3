"""The public API of authors and embedders as data, and what a change of it breaks.

Called as a program, it writes ``tests/compat/api-VERSION.json`` and packs ``tests/compat/sources`` into
``tests/compat/VERSION``: a release's last step. Once CHANGELOG.md names the version it refuses, because
what a release has promised is never written again.

Public is what ``__all__`` of :data:`MODULES` lists, with every member that does not start with an
underscore, inherited ones included. Annotations and defaults are kept as they are spelled, calls among
defaults as ``…``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
COMPAT: Final = ROOT / "tests" / "compat"
MODULES: Final = ("yesman.plugins", "yesman.plugins.ui", "yesman.plugins.testing", "yesman.embed")
SPECIAL: Final = ("__init__", "__await__", "__bool__", "__aenter__", "__aexit__", "__enter__", "__exit__")
ABSTRACT: Final = "abc.abstractmethod"

Tree = dict[str, Any]


def surface(source: Path = ROOT / "src") -> Tree:
    """Return the public API of the package below ``source``, in the form that griffe reads again."""
    loader = griffe.GriffeLoader(
        extensions=griffe.load_extensions(), search_paths=[source], allow_inspection=False
    )
    package = loader.load("yesman")
    loader.resolve_aliases(external=False)
    return {name: _exported(package, name) for name in MODULES}


def written(tree: Tree) -> str:
    """Return a tree as the text of its file: one line for a function or attribute."""
    return _lines(tree, "") + "\n"


def breakages(old: Tree, new: Tree) -> list[str]:
    """Return one sentence for everything that worked with ``old`` and does not with ``new``."""
    found = {f"{name}: Module was removed" for name in old.keys() - new.keys()}
    for name in old.keys() & new.keys():
        changes = griffe.find_breaking_changes(_loaded(old[name]), _loaded(new[name]))
        found |= {_sentence(change) for change in changes} | set(_unseen(old[name], new[name]))
    return sorted(found)


def baselines() -> list[Path]:
    """Return the dumps of all versions, oldest first."""
    return sorted(COMPAT.glob("api-*.json"), key=lambda path: _numbers(version_of(path)))


def version_of(dump: Path) -> str:
    """Return the version that a dump is of."""
    return dump.stem.removeprefix("api-")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


# --- from griffe's objects to data


def _exported(package: griffe.Object | griffe.Alias, path: str) -> Tree:
    module = package[_inner(path)]
    names = sorted(map(str, module.exports or ()))
    return {
        "kind": "module",
        "name": path,
        "members": {name: _described(name, module[name]) for name in names},
    }


def _inner(path: str) -> str:
    return path.removeprefix("yesman.")


def _described(name: str, member: Any) -> Tree:
    found: Any = member.final_target if member.is_alias else member
    tree: Tree = {"kind": found.kind.value, "name": name}
    if found.is_function:
        abstract = any(row.callable_path == ABSTRACT for row in found.decorators)
        parameters = [_parameter(row) for row in found.parameters]
        tree |= {"parameters": parameters, "returns": _spelled(found.returns)}
        tree |= {"abstract": abstract, "async": "async" in found.labels}
    elif found.is_class:
        names = sorted(name for name in found.all_members if name in SPECIAL or not name.startswith("_"))
        members = {name: _described(name, found.all_members[name]) for name in names}
        tree |= {"bases": list(_bases(found)), "members": members}
    elif found.is_attribute:
        tree |= {"annotation": _spelled(found.annotation)}
    return _compact(tree)


def _bases(found: griffe.Class) -> Iterator[str]:
    """Yield what a class is known to be; classes of ours that are not exported are nobody's business."""
    exported = {str(name) for path in MODULES for name in found.package[_inner(path)].exports or ()}
    for base in found.bases:
        path = base if isinstance(base, str) else base.canonical_path
        if not path.startswith("yesman.") or str(base) in exported:
            yield str(base)


def _parameter(parameter: griffe.Parameter) -> Tree:
    default = None if parameter.default is None else str(parameter.default)
    tree = {"name": parameter.name, "kind": parameter.kind.value if parameter.kind else None}
    tree |= {"annotation": _spelled(parameter.annotation)}
    return _compact(tree | {"default": "…" if default and "(" in default else default})


def _compact(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if value not in (None, False)}


def _spelled(expression: object) -> str | None:
    return None if expression is None else str(expression)


def _lines(tree: Tree, indent: str) -> str:
    inner = indent + " "
    deep = [value for value in tree.values() if isinstance(value, dict)]
    if not deep:
        return json.dumps(tree, ensure_ascii=False)
    rows = (
        f"{inner}{json.dumps(key)}: "
        + (_lines(value, inner) if isinstance(value, dict) else json.dumps(value, ensure_ascii=False))
        for key, value in tree.items()
    )
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


# --- from data to sentences


def _loaded(tree: Tree) -> Any:
    """Return griffe's object of a tree."""
    return json.loads(json.dumps(tree), object_hook=_object)


def _object(row: Tree) -> Any:
    """Return the object of one row; a dict of members may have one that is called ``kind``."""
    if not isinstance(row.get("kind"), str):
        return row
    return griffe.json_decoder({"lineno": 0, "annotation": None, "default": None, "returns": None} | row)


def _sentence(breakage: griffe.Breakage) -> str:
    """Return what broke, as in ``yesman.plugins.EventBus.publish(payload): Parameter was removed``."""
    row = breakage.old_value if isinstance(breakage.old_value, griffe.Parameter) else breakage.new_value
    parameter = f"({row.name})" if isinstance(row, griffe.Parameter) else ""
    return f"{breakage.obj.path}{parameter}: {breakage.kind.value}"


def _unseen(old: Tree, new: Tree, path: str = "") -> Iterator[str]:
    """Yield what griffe does not look at: what breaks subclasses, ``except`` and ``await``; other types."""
    here = f"{path}.{old['name']}" if path else old["name"]
    for name, before in old.get("members", {}).items():
        after = new.get("members", {}).get(name)
        if after is not None and after["kind"] == before["kind"]:
            yield from _unseen(before, after, here)
    if old["kind"] == "class":
        lost = set(old["bases"]) - set(new["bases"])
        yield from (f"{here}: Base class {base} was removed" for base in sorted(lost))
        yield from (f"{here}.{name}: Subclasses must define it now" for name in _demanded(old, new))
    for key, what in (("returns", "Return type"), ("annotation", "Attribute type")):
        if key in old and old[key] != new.get(key):
            yield f"{here}: {what} {old[key]} became {new.get(key)}"
    if old["kind"] == "function" and old.get("async") != new.get("async"):
        yield f"{here}: Function {'became' if 'async' in new else 'is no longer'} async"


def _demanded(old: Tree, new: Tree) -> list[str]:
    """Return the names of methods that are abstract now and were not, or were not there."""
    before, after = old["members"], new["members"]
    return [name for name in after if "abstract" in after[name] and "abstract" not in before.get(name, {})]


# --- the command


def main() -> int:
    """Write the promise of the version that stands in ``yesman.__version__``."""
    import yesman  # noqa: PLC0415 - the rest reads its source only

    version = yesman.__version__
    if f"## {version} (" in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        print(f"{version} is released; what it promised is not written again.", file=sys.stderr)
        return 1
    dump, folder = COMPAT / f"api-{version}.json", COMPAT / version
    dump.write_text(written(surface()), "utf-8")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.yplug"):
        old.unlink()
    for plugin in sorted((COMPAT / "sources").iterdir()):
        pack = [sys.executable, "-m", "yesman", "plugin", "pack", str(plugin), "-o", f"{folder}/"]
        subprocess.run(pack, check=True)
    print(f"Wrote {dump.relative_to(ROOT)} and packed into {folder.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
