"""A server whose wall clock can be set: it shows the machine's, moved by the seconds in a file of its home.

No namespace moves CLOCK_REALTIME, and nobody may set the machine's; so ``time.time`` is replaced before the
server's modules are imported. Steady clocks go on as they do on a real machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yesman.model.home import Home

FILE = "clock"
PROGRAM = f"""
import os, sys, time
real, path = time.time, os.path.join(os.environ["YESMAN_HOME"], {FILE!r})

def shown():
    try:
        with open(path) as file:
            return real() + float(file.read())
    except (OSError, ValueError):
        return real()

time.time = shown
from yesman.server.main import main
sys.exit(main())
"""


def set_clock(home: Home, seconds: float) -> None:
    """Let the server's clock show so much more than the machine's."""
    stage = home.root / f"{FILE}.new"
    stage.write_text(str(seconds))
    stage.rename(home.root / FILE)
