"""The story, chapter by chapter; every claim is checked as it is made."""

from __future__ import annotations

import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import processes
from console import Console, Failed, say
from market import Market
from props import COMMITS, ROOT, Listener, Victim, oracle, write_key, write_repository

if TYPE_CHECKING:
    from stage import Ran, Stage

EXPLAINED = re.compile(
    r"(filesystem\.(read|write)|network\.(internal|external)|system\.execute)\b|no permission can|none can"
)
"""A refusal names the permission that is missing, or says that there is none for it."""
_DEMO = Path(__file__).resolve().parent
_PATIENCE = 10.0
_UNVERIFIED = 4
"""The exit code for what is not as it should be."""


class Story:
    """Plays on a stage; keeps what was measured."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self.stage = stage
        self.console = console
        self.check = console.check
        self.repository = stage.folder / "project"
        self.measured: list[tuple[str, str]] = []

    def play(self) -> None:
        """Tell everything.

        Raises:
            Failed: Something is not as the story says.
        """
        self._setting()
        self._installation()
        self._session()
        self._insight()
        self._journal()
        with Listener() as listener, Victim() as victim:
            self._hostile(listener, victim)
        self._crash()
        Market(self.stage, self.console).play()
        self._measure()

    def _setting(self) -> None:
        self.console.chapter("The machine, and a real Git repository")
        for program in ("git", "tmux"):
            self.check(holds=shutil.which(program) is not None, sentence=f"{program} is installed")
        self.git_log = oracle()
        write_repository(self.repository, self.git_log.git)
        said = self.git_log.git(self.repository, "rev-list", "--count", "HEAD").decode().strip()
        self.check(holds=said == str(COMMITS), sentence=f"git counts {COMMITS} commits in $DEMO/project")
        self.stage.yesman("doctor")

    def _installation(self) -> None:
        self.console.chapter("Two plugins from strangers are installed")
        for name in ("session-journal", "git-insight"):
            ran = self._install(ROOT / "examples" / name)
            self._note(f"install {name}", ran.seconds)
        self.stage.yesman("plugin", "list")
        self.check(
            holds={"session-journal", "git-insight"}
            <= _names(self.stage.ask("plugin", "list", "--json").data()),
            sentence="both are listed",
        )

    def _session(self) -> None:
        self.console.chapter("A real tmux session")
        self._new_session("demo")
        self.stage.yesman("session", "ls")
        shown = self.stage.ask("session", "show", "demo", "--json").data()
        panes = [pane for window in shown["windows"] for pane in window["panes"]]
        self.check(holds=shown["cwd"] == str(self.repository), sentence="the session lies in the repository")
        self.check(
            holds=bool(panes) and all("tmux" in processes.name_of_parent(pane["pid"]) for pane in panes),
            sentence="its shell is a child of a tmux server",
        )

    def _insight(self) -> None:
        self.console.chapter("git-insight reads the session's repository, and nothing else")
        ran = self.stage.yesman("git-insight", cwd=self.repository)
        self._note("git-insight, first time", ran.seconds)
        again = self.stage.ask("git-insight", "--json", cwd=self.repository)
        self._note("git-insight again", again.seconds)
        data = again.data()
        self.check(holds=data.pop("repository") == str(self.repository), sentence="it found the repository")
        self.check(
            holds=data == self.git_log.git_log(self.repository),
            sentence="its numbers are those of 'git log --use-mailmap', author by author and week by week",
        )

    def _journal(self) -> None:
        self.console.chapter("session-journal has seen the session's creation")
        self._new_session("review")
        self.stage.yesman("session", "close", "review")
        self._until(
            lambda: len([e for e in self._entries() if "`demo`" in e or "`review`" in e]) >= 3,
            "the journal has three entries",
        )
        self.stage.yesman("journal")
        entries = "\n".join(self._entries())
        for verb, name in (("created", "demo"), ("created", "review"), ("closed", "review")):
            self.check(
                holds=re.search(rf"^- \S+Z {verb} `{name}`", entries, re.MULTILINE) is not None,
                sentence=f"the journal says that {name} was {verb}",
            )

    def _hostile(self, listener: Listener, victim: Victim) -> None:
        self.console.chapter("A hostile plugin tries to take what it was not given")
        refused = self.stage.yesman("plugin", "install", str(_DEMO / "hostile"), "--yes", code=_UNVERIFIED)
        self.check(holds="the scan" in refused.err, sentence="a scan refuses it before anything of it runs")
        self._install(_DEMO / "hostile", "--despite-scan")
        key, server = write_key(self.stage.home), int(self.stage.status()["pid"])
        attacks = (
            ("hostile-ssh", "--file", str(key), "key"),
            ("hostile-memory", "--pid", str(server), "memory"),
            ("hostile-memory", "--pid", str(victim.pid), "memory"),
            ("hostile-network", "--port", str(listener.port), "network"),
        )
        rows: list[tuple[str, ...]] = []
        for command, option, target, kind in attacks:
            where = {str(server): "the server", str(victim.pid): "another process"}.get(target, "")
            rows += self._attack(command, option, target, kind, where, listener)
        say()
        self.console.table(("attack", "way", "in the sandbox", "without it"), rows)

    def _attack(  # noqa: PLR0917  # one row of the table above
        self, command: str, option: str, target: str, kind: str, where: str, listener: Listener
    ) -> list[tuple[str, ...]]:
        refused = self.stage.yesman(command, option, target, code=3)
        label = f"{command}{where and f' ({where})'}"
        self.check(
            holds=EXPLAINED.search(refused.err) is not None and "Traceback" not in refused.err,
            sentence=f"{label} is refused; the sentence names the permission, or says that none can allow it",
        )
        visits = listener.visits
        inside = self.stage.ask(command, option, target, "--report", "--json").data()["attempts"]
        self.check(
            holds=all(each["outcome"] == "refused" for each in inside) and listener.visits == visits,
            sentence=f"all {len(inside)} ways of it are refused",
        )
        control = self.stage.program(sys.executable, "-I", str(_DEMO / "control.py"), kind, target)
        outside = control.data()["attempts"]
        # The server may guard its memory against its own user as well: that is no failure of the control.
        self.check(
            holds=where == "the server" or all(each["outcome"] == "succeeded" for each in outside),
            sentence=f"the same code outside the sandbox {_outcome(outside)}",
        )
        return [
            (label, i["way"], i["outcome"], f"{o['outcome']}: {o['detail']}")
            for i, o in zip(inside, outside, strict=True)
        ]

    def _crash(self) -> None:
        self.console.chapter("A plugin dies of a segmentation fault, and nobody else notices")
        control = self.stage.program(sys.executable, "-I", "-c", "import ctypes; ctypes.string_at(0)")
        self.check(
            holds=control.code == -signal.SIGSEGV,
            sentence="the same call outside the sandbox ends in SIGSEGV",
        )
        self._install(_DEMO / "crasher")
        server = self.stage.status()["pid"]
        before = self.stage.ask("pulse", "--json").data()["pid"]
        died = self.stage.yesman("crash", code=None)
        self.check(
            holds="Traceback" not in died.err and bool(died.err.strip()),
            sentence="the crash is told in a sentence",
        )
        after = self.stage.yesman("pulse")
        self._note("the command after the crash", after.seconds)
        self.check(
            holds=self.stage.ask("pulse", "--json").data()["pid"] != before,
            sentence="the next command works, in a new process",
        )
        self.stage.ask("git-insight", "--json", "--session", "demo")
        self.check(holds=self.stage.status()["pid"] == server, sentence="the server is the same process")
        self.stage.yesman("plugin", "logs", "crasher")

    def _measure(self) -> None:
        self.console.end_chapter()
        server = int(self.stage.status()["pid"])
        inside = [each.pid for each in processes.descendants(server)]
        shared = [processes.proportional(pid) for pid in inside]
        self.measured += [
            ("server, resident memory", _mib(processes.resident(server))),
            ("processes of plugins and their parents", str(len(inside))),
            (
                "their memory, shared pages split (PSS)",
                _mib(sum(shared)) if all(shared) else "not readable here",
            ),
        ]

    def _install(self, folder: Path, *more: str) -> Ran:
        return self.stage.yesman("plugin", "install", str(folder), "--yes", *more)

    def _new_session(self, name: str) -> None:
        self.stage.sessions.append(name)
        self.stage.yesman("session", "new", name, "--cwd", str(self.repository))

    def _entries(self) -> list[str]:
        found: list[str] = self.stage.ask("journal", "--json").data()["entries"]
        return found

    def _note(self, what: str, seconds: float) -> None:
        self.measured.append((what, f"{seconds:.2f} s"))

    def _until(self, holds: Any, what: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise Failed(f"expected that within {_PATIENCE:.0f} s {what}")
            time.sleep(0.05)


def _names(listed: Any) -> set[str]:
    rows = listed.get("plugins", []) if isinstance(listed, dict) else listed
    return {row["name"] for row in rows}


def _outcome(attempts: list[dict[str, str]]) -> str:
    done = sum(each["outcome"] == "succeeded" for each in attempts)
    return f"succeeds in {done} of {len(attempts)} ways"


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
