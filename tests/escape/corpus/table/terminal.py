"""The terminal of whoever runs a command: typing into it, taking it, setting it up.

The attempts are made on a terminal that is open for writing, which no permission grants.
"""

from __future__ import annotations

from corpus.attempt import DIFFERS, ROOT, SAME, A

ROWS = [
    A("type into a terminal", "c('ioctl', opened(T['terminal'], 2), 0x5412, b'x')", "ENOTTY", DIFFERS),
    A(
        "type with high bits",
        "s('ioctl', opened(T['terminal'], 2), 0x5412 | 1 << 32, b'x')",
        "ENOTTY",
        DIFFERS,
    ),
    A(
        "steer a console", "c('ioctl', opened(T['terminal'], 2), 0x541C, b'\\x02')", "ENOTTY", SAME
    ),  # not a console
    A("take a terminal", "c('ioctl', opened(T['terminal'], 2), 0x540E, 0)", "ENOTTY", SAME),  # else free
    A("leave a terminal", "c('ioctl', opened(T['terminal'], 2), 0x5422)", "ENOTTY", SAME),  # has none
    A("set up a terminal", "c('ioctl', opened(T['terminal'], 2), 0x5402, bytes(64))", "ENOTTY"),
    A("change a terminal's size", "c('ioctl', opened(T['terminal'], 2), 0x5414, bytes(8))", "ENOTTY"),
    A("change a line discipline", "c('ioctl', opened(T['terminal'], 2), 0x5423, bytes(4))", "ENOTTY"),
    A("put a group in front", "c('ioctl', opened(T['terminal'], 2), 0x5410, bytes(4))", "ENOTTY", SAME),
    A("take the console's output", "c('ioctl', opened(T['terminal'], 2), 0x541D)", "ENOTTY", DIFFERS),
    A("throw away what was typed", "c('ioctl', opened(T['terminal'], 2), 0x540B, 2)", "ENOTTY"),
    A("send a break", "c('ioctl', opened(T['terminal'], 2), 0x5409, 1)", "ENOTTY"),
    A(
        "keep others out of a terminal", "c('ioctl', opened(T['spare_terminal'], 2), 0x540C)", "ENOTTY"
    ),  # one of its own, for it keeps out the other attempts
    A("hang up", "s('vhangup')", "EPERM", ROOT),
    A("open one's own terminal", "opened('/dev/tty', 2)", "EACCES", DIFFERS),
    A("open the console", "device('/dev/console', 2)", "EACCES", SAME),  # need not be there
    A("list terminals", "opened('/dev/pts', 0o200000)", "EACCES"),
    A("make a terminal", "device('/dev/pts/ptmx', 2)", "EACCES", SAME),  # mode 000 in a private devpts
]
