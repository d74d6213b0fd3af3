"""Whatever a plugin raises becomes data: bounded, sendable, and of the right kind."""

from __future__ import annotations

import asyncio

import pytest

from yesman.wire.frames import Kind, UnserialisableError, pack
from yesman.worker import failures
from yesman.worker.denials import Denied, lacks
from yesman.worker.failures import describe


class Mute(Exception):  # noqa: N818 - a name a plugin chose
    """Has no words for itself."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


class Inquisitive(Exception):  # noqa: N818 - same
    """Breaks whoever looks at it."""

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause  # noqa: TRY301 - to give it a traceback
    except BaseException as caught:  # noqa: BLE001 - handed back
        return caught


def test_an_ordinary_exception_is_one_sentence_with_a_traceback():
    body = describe(raised(ValueError("too late")))
    assert (body["kind"], body["message"], body["exit_code"]) == ("error", "ValueError: too late", 1)
    assert "Traceback" in body["traceback"]


@pytest.mark.parametrize(
    "error",
    [Mute(), Inquisitive("x"), raised(KeyError(Mute())), SystemExit(Mute())],
    ids=["mute", "curious", "inside", "exit"],
)
def test_exceptions_that_fight_back_are_described_all_the_same(error):
    body = describe(error)
    pack(Kind.FAILURE, 1, body)
    assert body["message"]


@pytest.mark.parametrize("text", ["\ud800", "\0" * 9_999, "x" * 10**6, "\x1b[31m", "ä" * 30_000])
def test_any_message_can_be_sent(text):
    assert pack(Kind.FAILURE, 1, describe(raised(RuntimeError(text))))


def test_a_deep_chain_of_causes_is_described():
    error: BaseException = ValueError(0)
    for number in range(5_000):
        error = raised(ValueError(number), error)
    assert describe(error)["kind"] == "error"


def test_a_chain_that_bites_its_tail_is_described():
    one, two = ValueError(1), ValueError(2)
    one.__cause__, two.__cause__ = two, one
    assert describe(one)["kind"] == "error"


REFUSAL = lacks("p", "network.external:x")
WRAPPED = [
    raised(OSError("wrapped"), REFUSAL),
    raised(RuntimeError("outer"), raised(OSError("inner"), REFUSAL)),
    ExceptionGroup("several", [ValueError(), ExceptionGroup("deeper", [REFUSAL])]),
    OSError("as an argument", REFUSAL),
]


@pytest.mark.parametrize("error", [REFUSAL, *WRAPPED], ids=lambda error: type(error).__name__)
def test_a_refusal_anywhere_in_the_chain_is_a_permission_failure(error):
    body = describe(error)
    assert (body["kind"], body["exit_code"]) == ("permission", 3)
    assert body["message"] == "plugin 'p' lacks permission 'network.external:x'"


def test_a_foreign_attribute_called_permission_is_no_refusal():
    error = ValueError("x")
    error.permission = "everything"  # type: ignore[attr-defined]  # as a library might
    assert describe(error)["kind"] == "error"


def test_the_kernels_own_refusal_is_a_permission_failure():
    assert describe(PermissionError(13, "Permission denied"))["kind"] == "permission"


@pytest.mark.parametrize(
    ("code", "expected"),
    [(None, (0, "")), (3, (3, "")), (256 + 7, (7, "")), (-1, (255, "")), ("why", (1, "why"))],
)
def test_system_exit_means_what_sys_exit_means(code, expected):
    body = describe(SystemExit(code))
    assert (body["kind"], (body["exit_code"], body["message"])) == ("exit", expected)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_interrupts_have_the_shells_exit_code(error):
    assert (describe(error)["kind"], describe(error)["exit_code"]) == ("interrupted", 130)


def test_an_unserialisable_result_is_the_handlers_fault():
    assert describe(UnserialisableError("not plain JSON data"))["kind"] == "unserialisable"


def test_sizes_are_bounded():
    body = describe(raised(ValueError("x" * 10**6)))
    assert len(body["message"]) <= failures.MESSAGE_CHARACTERS + 20
    assert len(body["traceback"]) <= failures.TRACEBACK_CHARACTERS


def test_a_refusal_is_a_permission_error_to_the_plugin():
    assert isinstance(REFUSAL, PermissionError)
    assert isinstance(REFUSAL, Denied)
