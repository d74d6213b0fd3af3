"""``yesman plugin test``: the plugin's own tests, with all that they need.

What always holds: it needs no server; tests run with the user's own rights, as any test does, and the plugin
itself in the sandbox; what is installed for them is said, and kept for the next time.
"""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.model.home import Home
    from yesman.package.environments import Environment

TOOLS: Final = {"pytest": "pytest>=8.3", "pytest_asyncio": "pytest-asyncio>=0.24", "trustme": "trustme>=1.2"}
"""What tests need beside the plugin's own requirements, by module; the extra ``testing`` brings them too."""
PYTEST: Final = "yesman.pytest"
TESTS_OWN: Final = "tests/requirements.txt"


class _Command(click.Command):
    """Leaves alone what stands after ``--``, where Click would go on with arguments of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[PYTEST] = tuple(args[at + 1 :])
        return super().parse_args(ctx, args[:at])


@click.command(
    "test",
    cls=_Command,
    help=catalogue.PLUGIN["test"].help
    + "\n\nThe tests themselves, conftest.py and all, run as you and outside of any sandbox, as with pytest; "
    "the plugin that they load gets what its manifest asks for. Test only what you would run."
    "\n\nThe plugin's requirements, those in tests/requirements.txt, and pytest are installed for it "
    "where they are missing. What stands after -- is for pytest. The exit code is pytest's.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin test", "yesman plugin test ./my-plugin", "yesman plugin test . -- -k greets --pdb"
    ),
)
@click.argument("folder", default=".", metavar="[DIR] [-- PYTEST ARGUMENTS]")
@click.option("--refresh", is_flag=True, help="Take the newest packages that fit, not those of last time.")
@as_json
@click.pass_context
def command(ctx: click.Context, folder: str, *, refresh: bool, as_json: bool) -> None:
    """Run a plugin's tests in the real sandbox."""
    from yesman.process import replace  # noqa: PLC0415 - brings asyncio

    invocation: Invocation = ctx.obj
    root = Path(folder).resolve()
    requirements = _requirements(root)
    made = asyncio.run(_environment(invocation.home, requirements, refresh=refresh))
    packages = ["--packages", str(made.path)] if made else []
    bytecode = str(invocation.home.testing / "bytecode")
    told = ["--json"] if as_json else []
    argv = ["--folder", str(root), "--bytecode", bytecode, *packages, *told, "--", *ctx.meta[PYTEST]]
    replace([sys.executable, "-P", "-m", "yesman.testkit", *argv])


def _requirements(folder: Path) -> tuple[str, ...]:
    """Return all that the tests of the plugin in ``folder`` need and that is not here already.

    Raises:
        YesmanError: There is no plugin, or one of its files cannot be read.
    """
    from yesman.package.reading import REQUIREMENTS, read_manifest, read_optional  # noqa: PLC0415 - brings msgspec
    from yesman.package.requirements import requirements_of  # noqa: PLC0415 - likewise

    wanted = [*read_manifest(folder).dependencies]
    wanted += requirements_of((), read_optional(folder / TESTS_OWN))
    wanted += [tool for module, tool in TOOLS.items() if find_spec(module) is None]
    return requirements_of(wanted, read_optional(folder / REQUIREMENTS))


async def _environment(home: Home, requirements: tuple[str, ...], *, refresh: bool) -> Environment | None:
    from yesman.package.kept import KeptEnvironments  # noqa: PLC0415 - brings msgspec
    from yesman.sandbox.interpreter import base_python  # noqa: PLC0415 - brings the sandbox

    environments = KeptEnvironments(home.testing, base_python(), environ=os.environ)
    if refresh:
        environments.forget(requirements)
    made = await environments.ensure(requirements, report=lambda line: render.note(plain(line)))
    if made is not None:
        render.note(plain(f"with {', '.join(made.packages)}"))
    return made
