"""Forks this small interpreter again and again; prints the seconds until each child spoke.

Usage: ``python -I -S fork_floor.py TIMES``. Prints a JSON list.
"""

import json
import os
import sys
import time


def once() -> float:
    """Return the seconds from fork until the child's byte is here."""
    reading, writing = os.pipe()
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.write(writing, b"!")
        os._exit(0)
    os.read(reading, 1)
    seconds = time.perf_counter() - start
    os.close(reading)
    os.close(writing)
    os.waitpid(pid, 0)
    return seconds


print(json.dumps([once() for _ in range(int(sys.argv[1]))]))
