"""What goes to the host: frames, results, calls of services."""

from __future__ import annotations

from functools import partial

from corpus.attempt import NOT_RUN, A

Frames = partial(A, control=NOT_RUN, note="there is no protocol")
Service = partial(A, control=NOT_RUN, note="there are no services")

ROWS = [
    A("run code in the host by the result", "returned(Runs(T['mark']))", "unserialisable"),
    A("a result that is not JSON", "returned({1: {2, 3}})", "unserialisable", NOT_RUN, note="pickled there"),
    A("a result without end", "returned('x' * (8 << 20))", "unserialisable", NOT_RUN, note="no limit there"),
    A(
        "a result of too many values",
        "returned([[]] * 900_000)",
        "unserialisable",
        NOT_RUN,
        note="no limit there",
    ),
    Frames("answer before one is asked", "said(framed(4, 999, b'null'))", "protocol"),
    Frames("answer in a later call's name", "said(framed(4, 2**32 - 1, b'null'))", "protocol"),
    Frames("a body of four gigabytes", "said(b'\\x09\\0\\0\\0' + bytes(4) + b'\\xff' * 8)", "protocol"),
    Frames("a level of one log line that is a text", 'said(framed(9, 0, b\'{"level":"x"}\'))', "protocol"),
    Frames("say hello again", "said(framed(1, 0, b'{}'))", "protocol"),
    Frames("cancel the host's call", "said(framed(6, 1, b''))", "protocol"),
    Frames("brackets without end", "said(framed(2, 9, b'[' * 200_000))", "protocol"),
    Frames("a number without end", "said(framed(2, 9, b'1' * 200_000))", "protocol"),
    Frames(
        "half a character", 'said(framed(9, 0, b\'{"level":20,"message":"\\xed\\xa0\\x80"}\'))', "protocol"
    ),
    Frames("a negative call", 'said(framed(2, 9, b\'{"method":"x","cause":-1e999}\'))', "protocol"),
    Frames(
        "a thousand calls at once", 'said(framed(2, 9, b\'{"method":"net.resolve"}\') * 1000)', "protocol"
    ),
    Service("list sessions", "T['context'].session_manager.get_session('mine')", "PermissionError"),
    Service("end a session", "T['context'].session_manager.close_session('mine')", "PermissionError"),
    Service("make a session", "T['context'].session_manager.create_session('mine')", "PermissionError"),
    Service(
        "run a program in a session",
        "T['context'].session_manager.create_session('elsewhere-1', '/', ['/bin/sh'])",
        "PermissionError",
    ),
    Service("type into a session", "T['context'].tmux_manager.send_keys('mine', 'id')", "PermissionError"),
    Service(
        "type into a session one may see",
        "T['context'].tmux_manager.send_keys('elsewhere-1', 'id')",
        "PermissionError",
    ),
    Service("read a screen", "T['context'].tmux_manager.capture_pane('mine')", "PermissionError"),
    Service(
        "look up any name", "__import__('socket').getaddrinfo('other.example.test', 80)", "PermissionError"
    ),
    Service("call the server's own interface", "called('plugin.install', source='/')", "ValueError"),
    Service("call a method of Python", "called('__class__')", "ValueError"),
    Service(
        "call with one argument too many", "called('net.resolve', host='a', plugin='sibling')", "ValueError"
    ),
    Service("speak as another plugin", "called('session.list', plugin='sibling')", "ValueError"),
]
