"""Makes elements of HTML and SVG.

What always holds: whatever is not :class:`~markupsafe.Markup` becomes text, in content and in attributes; so
what a plugin wrote is never markup, however it is put together.
"""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

_VOID: Final = frozenset({"img", "input"})
_EMPTY: Final = Markup("")


def element(tag: str, *content: object, **attributes: object) -> Markup:
    """Return an element.

    Args:
        tag: Its name.
        content: What it holds, in order.
        attributes: By name, with ``_`` for ``-``, and one at the end where the name means something to
            Python. True stands for one without a value; None and False leave it away.
    """
    named = _EMPTY.join(
        _attribute(name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in _VOID:
        return Markup("<{}{}>").format(tag, named)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, named, joined(*content))


def joined(*content: object) -> Markup:
    """Return several pieces as one."""
    return _EMPTY.join(content)  # type: ignore[arg-type]  # it makes text of whatever it joins


def hidden(text: str) -> Markup:
    """Return what is read out and not seen."""
    return element("span", text, class_="out")


def _attribute(name: str, value: object) -> Markup:
    return Markup(" {}").format(name) if value is True else Markup(' {}="{}"').format(name, value)
