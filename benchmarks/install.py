"""Installing: from the folder to the plugin being there, consent given in advance."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.folders import write_plugin
from benchmarks.homes import home_with
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.serving import Server, ask
from benchmarks.timing import in_turns, run_time, timed
from yesman.model.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.lab import Lab

REQUIREMENTS = ("pygithub", "gitpython")


def _installing(lab: Lab, server: Server, text: str) -> Callable[[], float]:
    """Return an action that installs one more plugin each time, with ``text`` as its requirements."""
    client = server.client()
    lab.finally_do(client.close)
    number = 0

    def once() -> float:
        nonlocal number
        number += 1
        source = write_plugin(lab.root / f"fresh-{number}{len(text)}", f"fresh-{number}")
        (source / "requirements.txt").write_text(text, "utf-8")

        def install() -> None:
            shown = ask(client, "plugin.inspect", path=str(source), link=False)
            ask(
                client,
                "plugin.install",
                path=str(source),
                link=False,
                digest=shown["digest"],
                consent=[],
                config={},
            )

        seconds = timed(install)
        ask(client, "plugin.remove", name=f"fresh-{number}", purge=True)
        return seconds

    return once


def _serving(lab: Lab, name: str) -> Server:
    home = Home(lab.folder(name))
    server = Server(lab, home)
    server.start()
    return server


def plain(lab: Lab) -> Measured:
    """Measure installing a plugin without requirements, among twenty."""
    home_with(lab, 20)
    shutil.copytree(lab.root / "h20", lab.root / "hi", symlinks=True)
    server = _serving(lab, "hi")
    found = in_turns({"install": _installing(lab, server, "")}, lab.times(20))
    server.stop()
    return Measured(
        found["install"], note="inspect, copy, one activation in the sandbox, registry; 20 others installed"
    )


def with_packages(lab: Lab) -> Measured:
    """Measure installing a plugin that needs PyGithub and GitPython, all of them in the cache."""
    server = _serving(lab, "hp")
    found = in_turns({"install": _installing(lab, server, "\n".join(REQUIREMENTS) + "\n")}, lab.times(5, 3))
    server.stop()
    venv = in_turns({"venv": partial(_venv_and_pip, lab)}, lab.times(3, 1))
    return Measured(found["install"], (Beside("venv and pip, its cache warm too", venv["venv"]),))


def _venv_and_pip(lab: Lab) -> float:
    folder, env = lab.root / "venv", lab.environment()
    shutil.rmtree(folder, ignore_errors=True)
    seconds = run_time([BARE_PYTHON, "-m", "venv", str(folder)], env)
    return seconds + run_time([str(folder / "bin/pip"), "install", "-q", *REQUIREMENTS], env)


ROWS = (
    Row(
        "install.plain",
        "install, no requirements",
        Unit.SECONDS,
        "plan: marketplace performance",
        plain,
        plan=30,
    ),
    Row(
        "install.packages",
        "install, PyGithub + GitPython, warm cache",
        Unit.SECONDS,
        "plan: marketplace performance; design 13",
        with_packages,
        plan=30,
        budget={50: 2},
        slow=True,
    ),
)
