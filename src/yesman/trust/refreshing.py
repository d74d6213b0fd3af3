"""What keeps a registry in date: what offline keys have signed is taken over, what expires is signed anew.

What always holds: what offline keys sign is taken over as it is or not at all, and only together with
what fits it. A server can therefore be given new delegations and claims as files, and make none.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from yesman.trust.chain import bins_of, newer
from yesman.trust.limits import PERIODS
from yesman.trust.roles import BINS, CLAIMS, INDEX, REVOCATIONS, ROOT, TARGETS
from yesman.trust.writing import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tuf.api.metadata import Root, Targets

    from yesman.trust.documents import Read
    from yesman.trust.drafting import Draft

_ROUND: Final = 32
"""Days in which the dates of all bins are looked at, an equal part of them each day: they are good for a year
and signed anew in its second half, and a refresh, of which there are many a day, reads few of them."""


def refresh(draft: Draft, read: Read) -> Mapping[str, datetime]:
    """Put into ``draft`` what is new and what expires.

    Returns:
        Until when what only offline keys can renew is good, by role.

    Raises:
        tuf.api.exceptions.RepositoryError: New delegations do not accept what claims or index there are.
    """
    chain = draft.chain
    targets, index = chain.targets, chain.index
    revocations = chain.role(REVOCATIONS, targets)
    _take_over(draft, read)
    if _signed_by_others(REVOCATIONS, targets, chain.targets) or draft.is_due(revocations, PERIODS.online):
        draft.put(REVOCATIONS, revocations, REVOCATIONS, PERIODS.online, whole=True)
    others = bins_of(index).keyids != bins_of(chain.index).keyids
    for name in bins_of(index).get_roles() if others else _of_today(index, draft.now):
        role = chain.role(name, index)
        if others or draft.is_due(role, PERIODS.bins):
            draft.put(name, role, BINS, PERIODS.bins, whole=False)
        chain.forget(name)
    roles = {TARGETS: chain.targets, INDEX: chain.index, CLAIMS: chain.role(CLAIMS, chain.targets)}
    return {ROOT: chain.root.expires} | {name: role.expires for name, role in roles.items()}


def _take_over(draft: Draft, read: Read) -> None:
    chain = draft.chain
    delegator: Root | Targets = chain.root
    for role in (TARGETS, CLAIMS, INDEX):
        present = chain.snapshot.meta[f"{role}.json"].version
        found = newer(read, role, present, delegator)
        if found is not None:
            draft.name(role, named(*found))
            chain.adopt(role, found[0])
        else:
            chain.forget(role)  # what there is must be good under new delegations too
        delegator = chain.targets


def _signed_by_others(role: str, before: Targets, now: Targets) -> bool:
    return before.get_delegated_role(role).keyids != now.get_delegated_role(role).keyids


def _of_today(index: Targets, now: datetime) -> Iterable[str]:
    bins = bins_of(index)
    return islice(bins.get_roles(), now.toordinal() % _ROUND, None, _ROUND)
