"""What the answers of several plugins come to. Values in, values out.

What always holds: deny beats allow; a plugin that fails has not agreed to anything; the outcome
does not depend on who answered first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

DENY, ALLOW = "deny", "allow"


class Answer(NamedTuple):
    """What one handler said.

    Attributes:
        plugin: Whose it is.
        verdict: :data:`DENY`, :data:`ALLOW`, or "" for neither.
        value: The option that is allowed, or the reason to deny.
        error: Why there is no answer, or "".
        closed: Whether failing counts as denying.
    """

    plugin: str
    verdict: str = ""
    value: str = ""
    error: str = ""
    closed: bool = False


class Verdict(NamedTuple):
    """The outcome of a veto or a vote.

    Attributes:
        goes_ahead: Whether what was asked about may happen.
        option: What a vote has chosen, "" otherwise.
        by: The plugins that decided, sorted.
        why: One sentence, "" when nobody objected.
        objections: Plugins that have denied, each with its reason.
    """

    goes_ahead: bool
    option: str = ""
    by: tuple[str, ...] = ()
    why: str = ""
    objections: tuple[tuple[str, str], ...] = ()


def vetoed(answers: Iterable[Answer]) -> Verdict:
    """Return whether something goes ahead that anybody may forbid."""
    objections = sorted(filter(None, map(_objection, answers)))
    if not objections:
        return Verdict(goes_ahead=True)
    plugin, why = objections[0]
    by = tuple(sorted({name for name, _ in objections}))
    return Verdict(goes_ahead=False, by=by, why=f"{plugin}: {why}", objections=tuple(objections))


def voted(answers: Collection[Answer], options: Collection[str]) -> Verdict:
    """Return what a vote has chosen; it takes one yes, no no, no failure, and agreement on the option."""
    failed = sorted(answer.plugin for answer in answers if answer.error)
    if failed:
        return Verdict(goes_ahead=False, by=tuple(failed), why=f"{', '.join(failed)} could not vote")
    denied = vetoed(answers)
    if not denied.goes_ahead:
        return denied
    allowed = [answer for answer in answers if answer.verdict == ALLOW]
    chosen = {answer.value for answer in allowed}
    if not chosen:
        return Verdict(goes_ahead=False, why="nobody has voted for an answer")
    by = tuple(sorted({answer.plugin for answer in allowed}))
    if len(chosen) > 1:
        return Verdict(goes_ahead=False, by=by, why="the plugins do not agree on an answer")
    (option,) = chosen
    if option not in options:
        return Verdict(goes_ahead=False, by=by, why="the answer voted for is not among the options")
    return Verdict(goes_ahead=True, option=option, by=by)


def _objection(answer: Answer) -> tuple[str, str] | None:
    if answer.verdict == DENY:
        return answer.plugin, answer.value or "no reason given"
    if answer.error and answer.closed:
        return answer.plugin, f"it could not be asked ({answer.error})"
    return None


def parse(plugin: str, value: Any, *, closed: bool) -> Answer:
    """Return what a handler's answer to a veto or vote means; anything unforeseen is a failure.

    Args:
        plugin: Whose handler.
        value: JSON data as the plugin sent it: null, or ``{"deny": reason}`` or ``{"allow": option}``.
        closed: Whether failing counts as denying.
    """
    if value is None:
        return Answer(plugin)
    if isinstance(value, dict) and len(value) == 1:
        ((verdict, text),) = value.items()
        if verdict in {DENY, ALLOW} and isinstance(text, str) and len(text) <= MAX_TEXT:
            return Answer(plugin, verdict, text)
    return Answer(plugin, error="its answer is neither Allow nor Deny", closed=closed)


MAX_TEXT = 500
"""Characters of a reason or an option."""
