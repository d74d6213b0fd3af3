"""One call to the server: output, input, Ctrl-C; the server is played by a thread."""

import io
import os
import signal

import pytest

from yesman.cli.conversation import STDIN, Conversation
from yesman.cli.display import Display
from yesman.cli.failures import ServerFailureError, ServerGoneError
from yesman.model.errors import PlatformError
from yesman.wire.frames import Kind


def call(connection, out=None):
    display = Display(out or io.StringIO(), io.StringIO())
    with connection:
        return Conversation(connection, connection.call("m", {"a": 1}, "it worked"), display).answer()


def wait_for_the_call(server):
    """Return when the command line is in the middle of its call, as an answer to a question shows."""
    server.next()
    server.send(Kind.CALL, 77, {"method": "question", "params": {}})
    assert server.next()[:2] == (Kind.FAILURE, 77)


@pytest.fixture
def typed():
    """Replace this process's stdin by a pipe; returns its other end."""
    kept = os.dup(STDIN)
    read, write = os.pipe()
    os.dup2(read, STDIN)
    os.close(read)
    yield write
    os.dup2(kept, STDIN)
    os.close(kept)


def test_a_result_has_a_value_and_bytes(played):
    def script(server):
        assert server.next()[:3] == (Kind.CALL, 1, {"method": "m", "params": {"a": 1}})
        server.send(Kind.RESULT, 1, {"ok": True}, b"bytes")

    assert call(played(script)) == ({"ok": True}, b"bytes")


def test_output_is_shown_as_it_comes(played):
    def script(server):
        server.next()
        server.send(Kind.OUTPUT, 1, {"stream": "out"}, b"one ")
        server.send(Kind.OUTPUT, 1, {"stream": "out"}, b"two\x1b[2J")
        server.send(Kind.RESULT, 1)

    out = io.StringIO()
    call(played(script), out)
    assert out.getvalue() == "one two\\x1b[2J"


def test_a_failure_is_raised_with_its_fields(played):
    def script(server):
        server.next()
        server.send(Kind.FAILURE, 1, {"kind": "plugin", "message": "no", "exit_code": 7, "traceback": "T"})

    with pytest.raises(ServerFailureError) as caught:
        call(played(script))
    assert (caught.value.word, caught.value.code, caught.value.traceback) == ("plugin", 7, "T")


def test_stdin_is_read_only_when_asked_for(played, typed):
    os.write(typed, b"first line\nrest")

    def script(server):
        server.next()
        server.send(Kind.CALL, 9, {"method": "input.read", "params": {"size": 6}})
        assert server.next()[1:] == (9, {}, b"first ")
        server.send(Kind.RESULT, 1)

    call(played(script))
    assert os.read(STDIN, 100) == b"line\nrest"
    os.close(typed)


def test_the_end_of_stdin_is_no_bytes(played, typed):
    os.close(typed)

    def script(server):
        server.next()
        for ident in (5, 6):
            server.send(Kind.CALL, ident, {"method": "input.read", "params": {}})
        assert [server.next()[1:], server.next()[1:]] == [(5, {}, b""), (6, {}, b"")]
        server.send(Kind.RESULT, 1)

    call(played(script))


def test_ctrl_c_asks_to_stop_and_waits(played):
    def script(server):
        wait_for_the_call(server)
        os.kill(os.getpid(), signal.SIGINT)
        assert server.next()[:2] == (Kind.CANCEL, 1)
        server.send(Kind.OUTPUT, 1, {"stream": "out"}, b"cleaned up")
        server.send(Kind.FAILURE, 1, {"kind": "interrupted", "message": "interrupted", "exit_code": 130})

    out = io.StringIO()
    with pytest.raises(ServerFailureError) as caught:
        call(played(script), out)
    assert (out.getvalue(), caught.value.code) == ("cleaned up", 130)


def test_ctrl_c_while_input_is_waited_for(played, typed):
    def script(server):
        wait_for_the_call(server)
        server.send(Kind.CALL, 2, {"method": "input.read", "params": {"size": 10}})
        os.kill(os.getpid(), signal.SIGINT)
        assert server.next()[:2] == (Kind.CANCEL, 1)
        server.send(Kind.RESULT, 1, "stopped by itself")

    assert call(played(script)).value == "stopped by itself"
    os.close(typed)


def test_the_second_ctrl_c_does_not_wait(played):
    def script(server):
        wait_for_the_call(server)
        os.kill(os.getpid(), signal.SIGINT)
        server.next()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(EOFError):
            server.next()

    with pytest.raises(KeyboardInterrupt):
        call(played(script))


def test_afterwards_ctrl_c_is_what_it_was(played):
    before = signal.getsignal(signal.SIGINT)
    call(played(lambda server: (server.next(), server.send(Kind.RESULT, 1))))
    assert signal.getsignal(signal.SIGINT) is before


def test_a_reader_that_went_away_cancels_the_call(played):
    read, write = os.pipe()
    os.close(read)

    def script(server):
        server.next()
        server.send(Kind.OUTPUT, 1, {"stream": "out"}, b"x\n")
        assert server.next()[:2] == (Kind.CANCEL, 1)

    with pytest.raises(BrokenPipeError), os.fdopen(write, "w", buffering=1) as out:
        call(played(script), out)


def test_the_server_may_end_in_mid_call(played):
    with pytest.raises(ServerGoneError, match="while it worked"):
        call(played(lambda server: server.next()))


@pytest.mark.parametrize("kind", [Kind.HELLO, Kind.EVENT, Kind.STARTED])
def test_frames_that_make_no_sense_are_refused(played, kind):
    with pytest.raises(PlatformError, match="not asked for"):
        call(played(lambda server: (server.next(), server.send(kind, 1))))


def test_what_a_command_line_cannot_do_is_answered(played):
    def script(server):
        server.next()
        server.send(Kind.CALL, 3, {"method": "window.resize", "params": {}})
        assert server.next()[:2] == (Kind.FAILURE, 3)
        server.send(Kind.RESULT, 1)

    call(played(script))
