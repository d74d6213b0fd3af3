"""The whole story on real things: ``python demo/run.py`` (or ``make demo``).

Exit code 0 means that every expectation was checked and held, and that no process and no file
is left; 1 comes with a sentence on standard error; 130 after Ctrl-C.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from console import Console, Failed, say, warn
from stage import Stage
from story import Story

LIMIT = 60.0
"""Seconds that the story may take, cleaning up included."""


def main() -> int:
    """Play; return the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    console = Console()
    stage = Stage(console)
    try:
        _perform(stage, console)
    except Failed as failure:
        warn(f"demo: {failure}.")
        return 1
    except KeyboardInterrupt:
        put_away = not stage.left_over and (stage.folder == Path() or not stage.folder.exists())
        warn(f"demo: interrupted; {'everything was put away' if put_away else 'something may be left'}.")
        return 130
    return 0


def _perform(stage: Stage, console: Console) -> None:
    began = time.monotonic()
    _need_yesman()
    try:
        stage.enter()
        console.title("yesman: plugins of strangers, confined by the kernel")
        story = Story(stage, console)
        story.play()
        console.chapter("Everything is put away")
    finally:
        stage.leave()
    _check_end(stage, console)
    _conclude(story, console, time.monotonic() - began)


def _need_yesman() -> None:
    if not (Path(sys.executable).parent / "yesman").exists():
        raise Failed("yesman is not installed beside this Python; run 'make demo', which prepares it")


def _check_end(stage: Stage, console: Console) -> None:
    left = f", but: {', '.join(stage.left_over)}" if stage.left_over else ""
    console.check(
        holds=not left,
        sentence=f"of the {len(stage.seen)} processes that were started none is left{left}",
    )
    console.check(holds=not stage.folder.exists(), sentence=f"{stage.folder} is removed")


def _conclude(story: Story, console: Console, seconds: float) -> None:
    console.end_chapter()
    say()
    rows = [
        (f"chapter {number}: {text}", f"{took:.2f} s")
        for number, (text, took) in enumerate(console.chapters, 1)
    ]
    console.table(("what", "measured"), [*rows, *story.measured, ("everything", f"{seconds:.1f} s")])
    say()
    if seconds > LIMIT:
        raise Failed(f"expected that everything takes at most {LIMIT:.0f} s, not {seconds:.0f} s")
    say(f"All {console.checked} expectations held.")


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
