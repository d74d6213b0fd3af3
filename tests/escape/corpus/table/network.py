"""Sockets: every family and kind, and every way to connect one."""

from __future__ import annotations

from corpus.attempt import DIFFERS, NOT_RUN, ROOT, SAME, A

ROWS = [
    A("connect over IPv4", "c('connect', tcp(), address(), 16)", "EACCES"),
    A("connect over IPv6", "c('connect', tcp(10), address_in_v6(), 28)", "EACCES", SAME),  # IPv6 may be off
    A("connect to no family", "c('connect', tcp(), bytes(16), 16)", "EACCES"),
    A("connect to a longer address", "c('connect', tcp(), address() + bytes(16), 32)", "EACCES"),
    A("listen without a name", "c('listen', tcp(), 1)", "EPERM"),
    A("bind to any port", "c('bind', tcp(), b'\\2' + bytes(15), 16)", "EPERM"),
    A("fast open", "c('sendto', tcp(), b'x', 1, 0x20000000, address(), 16)", "EPERM"),
    A("fast open by an option", "c('setsockopt', tcp(), 6, 30, b'\\1\\0\\0\\0', 4)", "EPERM"),
    A("fast open for listeners", "c('setsockopt', tcp(), 6, 23, b'\\1\\0\\0\\0', 4)", "EPERM"),
    A("bind to an interface", "c('setsockopt', tcp(), 1, 25, 'lo', 2)", "EPERM"),
    A("UDP", "c('socket', 2, 2, 0)", "EPERM"),
    A("UDP over IPv6", "c('socket', 10, 2, 17)", "EPERM", SAME),  # IPv6 may be off
    A("SCTP", "c('socket', 2, 1, 132)", "EPERM", DIFFERS),
    A("MPTCP", "c('socket', 2, 1, 262)", "EPERM", DIFFERS),
    A("raw IP", "c('socket', 2, 3, 1)", "EPERM", ROOT),
    A("ping sockets", "c('socket', 2, 2, 1)", "EPERM", DIFFERS),
    A("local stream sockets", "c('socket', 1, 1, 0)", "EPERM"),
    A("local datagram sockets", "c('socket', 1, 2, 0)", "EPERM"),
    A("netlink", "c('socket', 16, 3, 0)", "EPERM"),
    A("packets", "c('socket', 17, 3, 0)", "EPERM", ROOT),
    A("kernel crypto", "c('socket', 38, 5, 0)", "EPERM", DIFFERS),
    A("virtual machine sockets", "c('socket', 40, 1, 0)", "EPERM", DIFFERS),
    A("Bluetooth", "c('socket', 31, 3, 0)", "EPERM", DIFFERS),
    A("no such family", "c('socket', 99, 1, 0)", "EPERM", DIFFERS),
    A("a pair of datagram sockets", "socket_pair(2)", "EPERM"),
    A("a pair of packet sockets", "socket_pair(5)", "EPERM"),
    A("connect a pair", "c('connect', pair(), address(), 16)", "EACCES", DIFFERS),
    A(
        "connect to an abstract socket",
        "c('connect', pair(), b'\\1\\0\\0' + T['abstract'].encode(), 32)",
        "EACCES",
        DIFFERS,
    ),
    A("bind", "c('bind', pair(), b'\\1\\0\\0own', 6)", "EPERM", DIFFERS),
    A("listen", "c('listen', pair(), 1)", "EPERM", DIFFERS),
    A("accept", "c('accept', pair(), None, None)", "EPERM", DIFFERS),
    A("send to an address", "c('sendto', pair(), b'x', 1, 0, address(), 16)", "EPERM", DIFFERS),
    A(
        "fast open by sendto", "c('sendto', pair(), b'x', 1, 0x20000000, None, 0)", "EPERM", SAME
    ),  # ignored by some
    A("who listens at the other end", "c('getsockopt', pair(), 1, 77, bytes(4), bytes(4))", "EPERM", DIFFERS),
    A("attach a filter to a socket", "c('setsockopt', pair(), 1, 26, bytes(16), 16)", "EPERM", DIFFERS),
    A("a TCP option", "c('setsockopt', pair(), 6, 31, b'tls', 3)", "EPERM", DIFFERS),
    A("connect to every address at once", "c('connect', tcp(), address('0.0.0.0'), 16)", "EACCES"),
    A(
        "connect to another loopback address",
        "c('connect', tcp(), address('127.9.9.9'), 16)",
        "EACCES",
        DIFFERS,
    ),
    A(
        "connect to loopback over IPv6", "c('connect', tcp(10), address_in_v6('::1'), 28)", "EACCES", SAME
    ),  # as above
    A(
        "connect by a translated address",
        "c('connect', tcp(10), address_in_v6('64:ff9b::7f00:1'), 28)",
        "EACCES",
        SAME,
    ),  # same
    A("connect without waiting", "c('connect', c('socket', 2, 0o4001, 0), address(), 16)", "EACCES", DIFFERS),
    A("connect a descriptor that is no socket", "c('connect', own(), address(), 16)", "EACCES", DIFFERS),
    A(
        "connect from memory that is not there", "c('connect', tcp(), 8, 16)", "EFAULT", SAME
    ),  # nothing is decided
    A("connect to one byte", "c('connect', tcp(), address(), 1)", "EINVAL", SAME),  # same
    A("fast open by sendmsg", "s('sendmsg', tcp(), message(address()), 0x20000000)", "EPERM"),
    A("fast open by sendmmsg", "s('sendmmsg', tcp(), message(address()), 1, 0x20000000)", "EPERM"),
    A(
        "send to an address by sendmsg", "s('sendmsg', tcp(), message(address()), 0)", "EPIPE", SAME
    ),  # it is ignored
    A("a socket of a server's", "spoken_to(T['state'] + '/server.sock')", "EPERM"),
    A(
        "the metadata service",
        "c('connect', tcp(), address('169.254.169.254', 80), 16)",
        "EACCES",
        NOT_RUN,
        note="it may be there",
    ),
    A(
        "the metadata service by a mapped address",
        "c('connect', tcp(10), address_in_v6('::ffff:169.254.169.254', 80), 28)",
        "EACCES",
        NOT_RUN,
        note="it may be there",
    ),
    A(
        "the internet",
        "c('connect', tcp(), address('192.0.2.1', 443), 16)",
        "EACCES",
        NOT_RUN,
        note="tests stay here",
    ),
    A("ask a name server", "c('socket', 2, 0o4002, 17)", "EPERM"),
    A(
        "a name's address in C",
        "c('getaddrinfo', 'localhost.example.test', '80', None, bytes(8)) and gone()",
        "EACCES",
        NOT_RUN,
        note="tests stay here",
    ),
    A("who is at the other end", "c('getsockopt', pair(), 1, 17, bytes(12), bytes([12, 0, 0, 0]))", "EPERM"),
    A(
        "make a socket that bypasses routing",
        "c('setsockopt', tcp(), 1, 36, bytes([1, 0, 0, 0]), 4)",
        "EPERM",
        ROOT,
    ),
    A("be anybody's address", "c('setsockopt', tcp(), 0, 19, bytes([1, 0, 0, 0]), 4)", "EPERM", ROOT),
    A("send out of order", "c('setsockopt', tcp(), 6, 19, bytes([1, 0, 0, 0]), 4)", "EPERM", ROOT),
    A("kernel connections", "c('socket', 41, 1, 0)", "EPERM", DIFFERS),
    A("express data path", "c('socket', 44, 3, 0)", "EPERM", ROOT),
    A("RDS", "c('socket', 21, 5, 0)", "EPERM", DIFFERS),
    A("TIPC", "c('socket', 30, 1, 0)", "EPERM", DIFFERS),
    A("CAN", "c('socket', 29, 3, 1)", "EPERM", DIFFERS),
    A("X.25", "c('socket', 9, 5, 0)", "EPERM", DIFFERS),
    A("AppleTalk", "c('socket', 5, 2, 0)", "EPERM", DIFFERS),
    A("packets of the old kind", "c('socket', 2, 10, 0)", "EPERM", SAME),  # needs a privilege
]
