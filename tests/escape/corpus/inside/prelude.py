"""All words of the attempts, and how one is answered; inside a plugin and, for comparison, without a sandbox.

Standard library only.
"""

from __future__ import annotations

import errno
import os  # noqa: F401 - a word of the attempts
import signal  # noqa: F401 - same
from typing import Any

from src.at_files import device, linked, openhow, script, set_id_file  # noqa: F401 - words of the attempts
from src.at_processes import (  # noqa: F401 - words of the attempts
    argv,
    child,
    iovec,
    machine_code,
    mapped,
    removed,
    replaced,
    shell,
    spawned,
    unlisted,
)
from src.at_sockets import address, address_in_v6, gone, message, pair, socket_pair, spoken_to, tcp  # noqa: F401 - words of the attempts
from src.calls import T, c, d, opened, own, p, s  # noqa: F401 - words of the attempts
from src.searching import found_in_memory, imported, noted  # noqa: F401 - words of the attempts
from src.talking import RETURNED, Runs, called, framed, returned, said  # noqa: F401 - words of the attempts
from src.using_up import (  # noqa: F401 - words of the attempts
    buffers,
    crash,
    descriptors,
    descriptors_in_flight,
    files,
    grown,
    heap,
    left_alone,
    memory,
    overflow,
    recurse,
    sparse,
    spin,
    spin_stubbornly,
    threads,
    written,
)

AT_FDCWD = -100


def answer(code: str) -> Any:
    """Return "done", or the name of the error that the attempt met."""
    try:
        eval(code, globals())  # noqa: S307 - our own table
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except (MemoryError, RecursionError, LookupError, ValueError) as error:
        return type(error).__name__
    return RETURNED.pop() if RETURNED else "done"
