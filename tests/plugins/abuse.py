"""Functions that tests hand to a sandbox."""

import re

UNITS = {"MB": 1024**2, "GB": 1024**3}


def allocate_memory(size):
    """Take as much memory as ``size`` says, such as "1GB"."""
    number, unit = re.fullmatch(r"(\d+)(MB|GB)", size).groups()
    return len(bytearray(int(number) * UNITS[unit]))


def infinite_loop():
    """Never return."""
    while True:
        pass
