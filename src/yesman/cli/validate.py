"""``yesman plugin validate``: everything that can be judged without running the plugin.

What always holds: it needs no server, imports nothing of the plugin, and reports all that it
finds, not only the first.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError, YesmanError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.findings.folder import Report
    from yesman.findings.rules import Finding
    from yesman.package.uv import Uv

DETAILS = """

Errors keep a plugin from working; the command ends with 2. Warnings look wrong: permissions that do
not fit the code, missing documentation. Whether the requirements can be resolved is asked of the
package index; where that is impossible it is said."""


@click.command(
    "validate",
    help=catalogue.PLUGIN["validate"].help + DETAILS,
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin validate ./my-plugin",
        "yesman plugin validate ./my-plugin --strict --offline",
        "yesman plugin validate --schema > plugin.schema.json",
    ),
)
@click.argument("folder", required=False, metavar="DIR")
@click.option("--strict", is_flag=True, help="End with 2 for warnings as well.")
@click.option("--offline", is_flag=True, help="Do not ask the package index.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of plugin.yaml, for editors.")
@as_json
@click.pass_context
def command(
    ctx: click.Context, folder: str | None, *, strict: bool, offline: bool, schema: bool, as_json: bool
) -> None:
    """Check a plugin's folder without running it."""
    if schema:
        from yesman.model.manifest import json_schema  # noqa: PLC0415 - only here

        render.say(render.dump(json_schema(), pretty=True))  # a file that people will read
        return
    if folder is None:
        raise UsageError("The folder to check is missing", "Name it: yesman plugin validate DIR")
    from yesman.findings.folder import judged  # noqa: PLC0415 - brings much that nothing else here needs

    report = asyncio.run(judged(Path(folder), None if offline else _uv(ctx.obj)))
    if as_json:
        render.show_json(_as_data(report))
    else:
        _tell(folder, report)
    ctx.exit(UsageError.exit_code if report.errors or (strict and report.warnings) else 0)


def _uv(invocation: Invocation) -> Uv:
    from yesman.package.uv import Uv  # noqa: PLC0415 - not with --offline
    from yesman.sandbox.interpreter import base_python  # noqa: PLC0415 - same

    return Uv(invocation.home.cache, base_python(), os.environ)


def _as_data(report: Report) -> dict[str, Any]:
    manifest = report.manifest
    return {
        "valid": not report.errors,
        "name": manifest.name if manifest else None,
        "version": manifest.version if manifest else None,
        "findings": [found._asdict() for found in report.findings],
    }


def _tell(folder: str, report: Report) -> None:
    for found in report.findings:
        render.note(_sentence(found))
    if report.manifest and not report.errors:
        count = len(report.warnings)
        but = f", with {count} warning{'s' * (count > 1)}" if count else ""
        name = f"{plain(report.manifest.name)} {report.manifest.version}"
        render.say(f"{name} in {plain(folder)} is a valid plugin{but}.")


def _sentence(found: Finding) -> str:
    """Return a finding as a line, place first, as compilers write them."""
    place = f"{found.place}: " if found.place else ""
    text = YesmanError(found.message, found.fix).sentence
    return f"{plain(place)}{found.level}: {plain(text)} [{found.rule}]"
