"""Writes ``docs/reference/errors.md`` from the classes of errors; a test fails when the page is stale."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.cli import failures
from yesman.model import errors
from yesman.model.errors import PluginFailedError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "errors.md"
HEAD = """\
# Errors and exit codes

What went wrong is one sentence that says whose fault it is, followed by the next step. It stands on stderr;
stdout has results only. `--debug`, before the command, adds the traceback, that of the plugin included. This
page is generated from `yesman.model.errors`.

## Exit codes

A command that a plugin contributes ends with what its handler chose by `sys.exit(n)`, else with one of these.

| code | means |
|---|---|
| 0 | it was done |
"""
CODES = {
    1: "it failed: see the kinds below",
    2: "it cannot be understood, or is not allowed now: the command, a setting, a manifest",
    3: "a permission is missing, or somebody said no",
    4: "something is not what was promised: a package, a digest, a file of yesman's",
    5: "what was named does not exist",
    failures.INTERRUPTED: "Ctrl-C",
    failures.BROKEN_PIPE: "who read the output has gone",
}
TAIL = """\
## What a plugin sees

Calls that a plugin makes raise Python's own exceptions, so that no import is needed to catch them:
`PermissionError`, `LookupError`, `ValueError`, `RuntimeError`, and `ProviderError`, which is a `RuntimeError`
([author API](author-api.md)). A system call that the kernel refuses raises `PermissionError` as well, with
the permission in its text where one would help.

What a handler raises and does not catch ends its command: yesman says so in one sentence, and the traceback
is in `yesman plugin logs NAME`. If a permission was the reason, the sentence names it, whatever a library has
wrapped the refusal in.

Refusals of packages have [a list of their own](package.md#errors).
"""


def page() -> str:
    """Return the page."""
    codes = [f"| {code} | {means} |" for code, means in CODES.items()]
    kinds = ["## Kinds", "", "| kind | code | |", "|---|---|---|", *_kinds()]
    failed = ["## How a plugin fails", "", _failures()]
    return "\n".join([HEAD + "\n".join(codes), "", *kinds, "", *failed, "", TAIL])


def _kinds() -> Iterator[str]:
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, YesmanError)]
    told = [one for one in classes if one is not YesmanError]
    for one in sorted(told, key=lambda one: (one.exit_code, one.kind, one.__name__)):
        first = (inspect.getdoc(one) or "").splitlines()[0]
        yield f"| `{one.kind}` | {one.exit_code} | {first} |"


def _failures() -> str:
    """Return what the class says of the words, as it stands there."""
    text = inspect.getdoc(PluginFailedError) or ""
    words = text.partition("failure: The worker's word for it: ")[2].partition("\n    traceback:")[0]
    told = " ".join(words.split()).replace("``", "`")
    return f"A failure of kind `plugin` has one of these words: {told}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
