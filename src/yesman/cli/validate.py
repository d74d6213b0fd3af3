"""``yesman plugin validate``: everything that can be judged without running the plugin.

What always holds: it needs no server, imports nothing of the plugin, and reports all that it
finds, not only the first.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import click

from yesman import __version__
from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import AuthorError, UsageError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.manifest import Manifest

MANIFEST: Final = "plugin.yaml"
ENTRY: Final = "src/main.py"
REQUIREMENTS: Final = "requirements.txt"
MOST_BYTES: Final = 64 * 1024 + 1
"""One more than is accepted of a manifest or a list of requirements, so that their readers refuse it."""

MOST_SOURCE: Final = 1 << 20
_T = TypeVar("_T")


class Finding(NamedTuple):
    """Something that keeps a plugin from being installed."""

    message: str
    next_step: str


@click.command(
    "validate",
    help=catalogue.PLUGIN["validate"].help,
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin validate ./my-plugin", "yesman plugin validate --schema > plugin.schema.json"
    ),
)
@click.argument("folder", required=False, metavar="DIR")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of plugin.yaml, for editors.")
@as_json
@click.pass_context
def command(ctx: click.Context, folder: str | None, *, schema: bool, as_json: bool) -> None:
    """Check a plugin's folder without running it."""
    if schema:
        from yesman.model.manifest import json_schema  # noqa: PLC0415 - only here

        render.say(render.dump(json_schema(), pretty=True))  # a file that people will read
        return
    if folder is None:
        raise UsageError("The folder to check is missing", "Name it: yesman plugin validate DIR")
    manifest, found = findings(Path(folder))
    if as_json:
        render.show_json(_as_data(manifest, found))
    else:
        _tell(folder, manifest, found)
    ctx.exit(UsageError.exit_code if found else 0)


def findings(folder: Path) -> tuple[Manifest | None, list[Finding]]:
    """Return the manifest, if it can be read, and everything that is wrong.

    Raises:
        YesmanError: There is no such folder.
    """
    from yesman.package.folder import digest_folder  # noqa: PLC0415 - brings the host's packages

    if not folder.is_dir():
        digest_folder(folder)  # says in one sentence what is there instead
    found: list[Finding] = []
    manifest = _noted(found, lambda: _manifest(folder))
    _noted(found, lambda: _check_entry(folder))
    _noted(found, lambda: _check_requirements(folder, manifest))
    _noted(found, lambda: digest_folder(folder))
    return manifest, found


def _noted(found: list[Finding], check: Callable[[], _T]) -> _T | None:
    try:
        return check()
    except YesmanError as error:
        found.append(Finding(error.message, error.next_step))
        return None


def _manifest(folder: Path) -> Manifest:
    from yesman.model.manifest import parse_manifest  # noqa: PLC0415 - brings msgspec and yaml

    data = _read(folder / MANIFEST, MOST_BYTES)
    if data is None:
        raise AuthorError(f"There is no {MANIFEST}", "Write one; its form: yesman plugin validate --schema")
    return parse_manifest(data, file=MANIFEST, host=__version__)


def _check_entry(folder: Path) -> None:
    """Refuse a missing entry, and one that Python cannot read; it is parsed, never run."""
    import ast  # noqa: PLC0415 - only here
    import warnings  # noqa: PLC0415 - only here

    data = _read(folder / ENTRY, MOST_SOURCE + 1)
    if data is None:
        raise AuthorError(f"There is no {ENTRY}", "Put the plugin's class there")
    if len(data) > MOST_SOURCE:
        raise AuthorError(f"{ENTRY} has more than {MOST_SOURCE} bytes", "Divide it into modules")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data, ENTRY)
    except SyntaxError as error:
        raise AuthorError(f"{ENTRY}:{error.lineno}: {error.msg}", "Correct it") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise AuthorError(f"{ENTRY} cannot be read as Python: {error}", "Correct it") from error


def _check_requirements(folder: Path, manifest: Manifest | None) -> None:
    from yesman.package.requirements import requirements_of  # noqa: PLC0415 - brings packaging

    listed = _read(folder / REQUIREMENTS, MOST_BYTES)
    requirements_of(manifest.dependencies if manifest else (), listed)


def _read(path: Path, most: int) -> bytes | None:
    """Return the first ``most`` bytes of a regular file, None when there is nothing at all."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise AuthorError(
            f"{path.name} cannot be read: {error.strerror}", "Put a plain file there"
        ) from error
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AuthorError(f"{path.name} is no plain file", "Put one there")
        return file.read(most)


def _as_data(manifest: Manifest | None, found: list[Finding]) -> dict[str, object]:
    return {
        "valid": not found,
        "name": manifest.name if manifest else None,
        "version": manifest.version if manifest else None,
        "findings": [finding._asdict() for finding in found],
    }


def _tell(folder: str, manifest: Manifest | None, found: list[Finding]) -> None:
    if manifest and not found:
        render.say(f"{plain(manifest.name)} {manifest.version} in {plain(folder)} is a valid plugin.")
    for finding in found:
        render.note(plain(YesmanError(finding.message, finding.next_step).sentence))
