"""Where on a page a panel is drawn, and what its parts are called there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yesman.model.panels import Stack, walk

if TYPE_CHECKING:
    from yesman.model.panels import Node


class Scene(NamedTuple):
    """Where a panel is drawn.

    Attributes:
        ident: Begins each id of it, and no other id on the page; lower-case letters, digits and ``-``.
        plugin: Whose it is.
        heading: Of which level its next heading is.
    """

    ident: str
    plugin: str
    heading: int = 2

    def below(self, node: Node) -> Scene:
        """Return the scene of what is inside ``node``."""
        titled = isinstance(node, Stack) and bool(node.title)
        return self._replace(heading=self.heading + 1) if titled else self

    def at(self, path: str, root: Node) -> Scene:
        """Return the scene of the node at ``path`` of the panel ``root``."""
        scene = self
        for above, node in walk(root):
            if isinstance(node, Stack) and path.startswith(f"{above}/"):
                scene = scene.below(node)
        return scene

    def id_of(self, path: str, what: str, number: int = 0) -> str:
        """Return the id of the ``number``-th ``what`` of the node at ``path``.

        No two are the same: ``what`` is none of the words that a path is made of.
        """
        return f"{self.ident}{path.replace('/', '-')}-{what}-{number}"
