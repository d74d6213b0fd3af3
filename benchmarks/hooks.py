"""A question to twenty plugins of which one hangs: when the outcome is there, and the others' answers.

The way of a real question, from the engine on: audience, grants, policies decided anew, one call each.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.bus import manager_of
from benchmarks.homes import home_for, plugin_name
from benchmarks.hosting import run
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import settled
from yesman.host.hooks import Hooks
from yesman.model.hook_specs import BY_NAME, ClosingPayload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.lab import Lab
    from yesman.host.audience import Listener
    from yesman.host.listening import Listening
    from yesman.host.manager import PluginManager
    from yesman.model.permissions import Permission

MANY = 20
ROUNDS = 8
EVENT = "session.closing"
GRANTS = ("session.modify", "session.read")
CODE = '''\
"""A guard that lets everything pass, and hangs when the session is its own."""

import time
from yesman.plugins import IntegrationPlugin, PluginCommand


class Guard(IntegrationPlugin):
    def get_commands(self):
        return [PluginCommand("COMMAND", "Does nothing.", self.noop)]

    def get_hooks(self):
        return {"session.closing": self.tick}

    def noop(self):
        return None

    def tick(self, event):
        if event.session == self.context.plugin_id:
            time.sleep(600)
'''


class Watched:
    """The plugins as the engine sees them, with the moment of each answer."""

    def __init__(self, plugins: Listening) -> None:
        self._plugins = plugins
        self.answered: list[float] = []

    def consulted(self, event: str) -> Iterable[Listener]:
        """Ask the plugins' manager."""
        return self._plugins.consulted(event)

    def granted(self, plugin: str) -> tuple[Permission, ...]:
        """Ask the plugins' manager."""
        return self._plugins.granted(plugin)

    async def ready(self, plugin: str) -> None:
        """Have the manager start it if need be."""
        await self._plugins.ready(plugin)

    async def ask(
        self, plugin: str, method: Literal["ask", "filter"], event: dict[str, Any], hooks: tuple[str, ...]
    ) -> Any:
        """Have the plugin answer, and look at the clock."""
        answer = await self._plugins.ask(plugin, method, event, hooks)
        self.answered.append(time.perf_counter())
        return answer

    def log(self, plugin: str, level: int, message: str) -> None:
        """Say nothing: that one hangs is what is measured."""


async def _asked(manager: PluginManager, session: str) -> tuple[float, list[float]]:
    """Return how long a question about ``session`` takes, and after how long the answers came."""
    plugins = Watched(manager.listening)
    payload = ClosingPayload("$1", "/", "user")
    start = time.perf_counter()
    await Hooks(manager.bus, plugins).veto(EVENT, payload, session=session, source="host")
    return time.perf_counter() - start, [moment - start for moment in plugins.answered]


def _measure(lab: Lab) -> dict[str, Samples]:
    names = [plugin_name(number) for number in range(MANY)]
    home = home_for(lab, "hooks", dict.fromkeys(names, (CODE, GRANTS)), hook=EVENT)

    async def measure() -> dict[str, Samples]:
        async with manager_of(home) as manager:
            await asyncio.gather(*map(manager.activate, names))
            with settled():
                sound = [(await _asked(manager, "nobody's"))[0] for _ in range(lab.times(300))]
                hung = [await _asked(manager, names[n % MANY]) for n in range(lab.times(ROUNDS))]
        if any(len(answers) != MANY - 1 for _, answers in hung):
            raise RuntimeError("not all of the others have answered")
        deadline = BY_NAME[EVENT].deadline
        return {
            "sound": Samples.of(sound),
            "late": Samples.of([taken - deadline for taken, _ in hung]),
            "others": Samples.of([max(answers) for _, answers in hung]),
        }

    found: dict[str, Samples] = run(measure())
    return found


def hung(lab: Lab) -> Measured:
    """Measure how long after the deadline the outcome is there, while one of twenty hangs."""
    found = lab.once("hung hook", _measure)
    others = found["others"]
    note = f"the other {MANY - 1} have answered after {others.at(100) * 1e3:.1f} ms at the latest"
    beside = (
        Beside("the others' last answer", others),
        Beside("a question to 20, nobody hangs", found["sound"]),
    )
    return Measured(found["late"], beside, note)


def question(lab: Lab) -> Measured:
    """Measure a question to twenty plugins, from the engine until its outcome."""
    return Measured(lab.once("hung hook", _measure)["sound"])


ROWS = (
    Row(
        "hook.question",
        "a question to 20 plugins",
        Unit.MILLISECONDS,
        "no limit is set",
        question,
        tail=True,
    ),
    Row(
        "hook.hung",
        "beyond the deadline, one of 20 hangs",
        Unit.MILLISECONDS,
        "at most 20 ms",
        hung,
        budget={50: 20, 95: 20},
    ),
)
