"""New plugins from templates, which are folders of text; what comes out is checked before it is written."""

from yesman.scaffold.render import KINDS, Plan, render
from yesman.scaffold.write import write

__all__ = ["KINDS", "Plan", "render", "write"]
