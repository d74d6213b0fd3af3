"""``yesman plugin scan`` and ``yesman plugin advisories``: what is in a plugin, before anything of it runs.

What always holds: it needs no server and runs nothing of the plugin; whoever did not look is named
beside whoever found nothing, and the exit code never takes the one for the other.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError, VerificationError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.cli.invocation import Invocation
    from yesman.findings.rules import Finding
    from yesman.scan.model import Scan

DETAILS: Final = """

The verdict is 'passed', 'warned' (look at what was found), 'quarantined' (some of it could not be looked
at; ends with 1) or 'refused' (no honest plugin does that; ends with 4). A scanner that is 'not_configured'
has nothing to compare with: known vulnerabilities are imported with 'yesman plugin advisories'."""
CODES: Final = {
    "passed": 0,
    "warned": 0,
    "quarantined": YesmanError.exit_code,
    "refused": VerificationError.exit_code,
}


@click.command(
    "scan",
    help=catalogue.PLUGIN["scan"].help + DETAILS,
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin scan ./my-plugin",
        "yesman plugin scan my-plugin-1.0.0.yplug --strict --json",
        "yesman plugin scan ./my-plugin --sbom my-plugin.cdx.json",
    ),
)
@click.argument("source", metavar="DIR|PACKAGE")
@click.option("--strict", is_flag=True, help="End with 2 for warnings.")
@click.option("--sbom", metavar="FILE", help="Write what it consists of, as CycloneDX 1.6.")
@as_json
@click.pass_context
def command(ctx: click.Context, source: str, *, strict: bool, sbom: str | None, as_json: bool) -> None:
    """Look for malicious code in a plugin, without running it."""
    with _unpacked(Path(source)) as folder:
        scan = asyncio.run(_scanned(ctx.obj, folder))
        if sbom:
            _write_sbom(folder, Path(sbom), scan.content)
    if as_json:
        render.show_json(scan.as_data())
    else:
        _tell(source, scan)
    code = CODES[scan.verdict]
    ctx.exit(UsageError.exit_code if strict and scan.verdict == "warned" else code)


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """Give the folder to scan: the one named, or one that holds what a package does, for a while."""
    if source.is_dir():
        yield source
        return
    from yesman.scan.unpacked import unpacked  # noqa: PLC0415 - of packages only

    with unpacked(source) as folder:
        yield folder


async def _scanned(invocation: Invocation, folder: Path) -> Scan:
    from yesman.scan.confined import Known, Scans  # noqa: PLC0415 - brings msgspec; no other command scans

    home = invocation.home
    return await Scans(home.scans, Known(advisories=home.advisories)).scan(folder)


def _write_sbom(folder: Path, target: Path, content: str) -> None:
    from yesman.package.lock import LARGEST, decoded  # noqa: PLC0415 - only here
    from yesman.package.reading import LOCK, read_manifest, read_optional  # noqa: PLC0415 - same
    from yesman.package.trees import replacing  # noqa: PLC0415 - same
    from yesman.scan.sbom import sbom  # noqa: PLC0415 - same

    lock = decoded(read_optional(folder / LOCK, most=LARGEST) or b"")
    with replacing(target) as draft:
        draft.write(sbom(read_manifest(folder), lock, content))


def _tell(source: str, scan: Scan) -> None:
    rows = ([each.name, each.outcome.value, each.why] for each in scan.scanners)
    render.say(render.table(("SCANNER", "OUTCOME", ""), rows))
    if scan.findings:
        render.say("\n" + render.table(("LEVEL", "WHERE", "FINDING"), map(_row, scan.findings)))
    render.say(f"\n{plain(source)}: {scan.verdict.value}")


def _row(found: Finding) -> tuple[str, str, str]:
    text = YesmanError(found.message, found.fix).sentence
    return found.level.value, found.place, f"{text} [{found.rule}]"


@click.command(
    "advisories",
    help=f"""{catalogue.PLUGIN["advisories"].help}

FILE is a zip of OSV records for PyPI, a folder of them, or one; the zip of all is at
https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip. What was imported before is replaced.""",
    context_settings=CONTEXT,
    epilog=example("yesman plugin advisories all.zip"),
)
@click.argument("file", metavar="FILE")
@as_json
@click.pass_obj
def advisories(invocation: Invocation, file: str, *, as_json: bool) -> None:
    """Import known vulnerabilities for scans."""
    from yesman.scan.osv import import_osv  # noqa: PLC0415 - brings msgspec and SQLite

    imported = import_osv(Path(file), invocation.home.advisories)
    if as_json:
        render.show_json(imported._asdict())
        return
    render.say(f"Imported {imported.used} advisories about packages of PyPI, of {imported.records} records.")
    if imported.unreadable:
        render.note(f"{imported.unreadable} records could not be read, and are not known.")
