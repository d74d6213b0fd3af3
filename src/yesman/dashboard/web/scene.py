"""Where on a page a panel is drawn, and what its parts are called there. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Scene(NamedTuple):
    """Where a panel is drawn.

    Attributes:
        ident: Begins each id of it, and no other id on the page; lower-case letters, digits and ``-``.
        plugin: Whose it is.
    """

    ident: str
    plugin: str

    def id_of(self, path: str, what: str, number: int = 0) -> str:
        """Return the id of the ``number``-th ``what`` of the node at ``path``.

        No two are the same: ``what`` is none of the words that a path is made of.
        """
        return f"{self.ident}{path.replace('/', '-')}-{what}-{number}"
