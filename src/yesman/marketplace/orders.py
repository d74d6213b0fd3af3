"""Decisions by name, as a form, a request or a command line names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from yesman.marketplace import moderating
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from yesman.marketplace.deciding import Due, Moderator

Action: TypeAlias = Literal[
    "restore", "dismiss", "reject", "quarantine", "yank", "unyank", "remove", "revoke", "unrevoke"
]
Severity: TypeAlias = Literal["hard", "soft"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
OF_A_RELEASE: Final = frozenset({"yank", "unyank"})
"""Actions that must have a version."""
OF_ALL: Final = frozenset({"dismiss", "quarantine", "remove"})
"""Actions that cannot have one."""


class Order(NamedTuple):
    """What a moderator wants.

    Attributes:
        action: What.
        reason: Why.
        version: Of the release that is meant, or "" for the plugin as a whole.
        severity: Of a revocation.
        good_faith: Of ``restore`` and ``dismiss``: reporters lose no weight.
    """

    action: Action
    reason: str
    version: str = ""
    severity: Severity = "hard"
    good_faith: bool = False


def carry_out(connection: Connection, by: Moderator, name: str, order: Order) -> Due:
    """Do what ``order`` says with the plugin ``name``; see :mod:`yesman.marketplace.moderating`.

    Raises:
        UsageError: The action needs a version, or cannot have one.
        YesmanError: What the action raises.
    """
    if order.action in OF_A_RELEASE and not order.version:
        raise UsageError(f"'{order.action}' needs a version", "Name it")
    if order.action in OF_ALL and order.version:
        raise UsageError(f"'{order.action}' means the plugin as a whole", "Leave the version out")
    return _HOW[order.action](connection, by, name, order)


_HOW: Final[Mapping[Action, Callable[[Connection, Moderator, str, Order], Due]]] = {
    "restore": lambda c, by, name, o: moderating.restore(
        c, by, name, o.reason, version=o.version, good_faith=o.good_faith
    ),
    "dismiss": lambda c, by, name, o: moderating.dismiss(c, by, name, o.reason, good_faith=o.good_faith),
    "reject": lambda c, by, name, o: moderating.reject(c, by, name, o.reason, version=o.version),
    "quarantine": lambda c, by, name, o: moderating.quarantine(c, by, name, o.reason),
    "yank": lambda c, by, name, o: moderating.yank(c, by, name, o.version, o.reason),
    "unyank": lambda c, by, name, o: moderating.unyank(c, by, name, o.version, o.reason),
    "remove": lambda c, by, name, o: moderating.remove(c, by, name, o.reason),
    "revoke": lambda c, by, name, o: moderating.revoke(
        c, by, name, o.reason, version=o.version, severity=o.severity
    ),
    "unrevoke": lambda c, by, name, o: moderating.unrevoke(c, by, name, o.reason, version=o.version),
}
