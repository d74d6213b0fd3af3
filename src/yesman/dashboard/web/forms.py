"""Forms as HTML. Pure.

What always holds: nothing in them keeps a browser from sending what was filled in; whether it fits is checked
where it arrives (:func:`yesman.dashboard.forms.read_fields`), and what does not is said in ``.problem``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.dashboard.forms import CHECKED, UNCHOSEN, filled, is_chosen, label, text_of
from yesman.dashboard.web.html import element
from yesman.dashboard.wording import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from yesman.dashboard.web.scene import Scene
    from yesman.model.config_schema import Property
    from yesman.model.panels import Form


def form(node: Form, path: str, scene: Scene) -> Markup:
    """Return a form, its fields filled with their defaults."""
    fields = (
        element(
            "div",
            *_field(field, scene.id_of(path, "field", number), scene.id_of(path, "about", number)),
            class_="switch" if field.type == "boolean" else "field",
        )
        for number, field in enumerate(node.fields.properties)
    )
    return element(
        "form",
        *fields,
        element("p", class_="problem", role="alert", hidden=True),
        element("button", named(node.submit), type="submit", class_="submit"),
        class_="fields",
        data_press=path,
        data_confirm=node.action.confirm or None,
        novalidate=True,
    )


def _field(field: Property, ident: str, about: str) -> Iterator[Markup]:
    yield element("label", label(field), for_=ident)
    if field.description:
        yield element("p", field.description, id=about, class_="about")
    yield _control(field, ident, about if field.description else None)


def _control(field: Property, ident: str, about: str | None) -> Markup:
    text = filled(field)
    shared = {"id": ident, "name": field.name, "aria_describedby": about}
    if field.type == "boolean":
        return element("input", type="checkbox", value=CHECKED, checked=bool(text), **shared)
    if is_chosen(field):
        choices = (text_of(choice) for choice in field.choices)
        options = (element("option", one, value=one, selected=one == text) for one in choices)
        return element("select", element("option", UNCHOSEN, value=""), *options, **shared)
    if field.is_secret:
        return element("input", type="password", value=text, autocomplete="off", **shared)
    if field.type in {"integer", "number"}:
        bounds = {"min": field.minimum, "max": field.maximum, "step": 1 if field.type == "integer" else "any"}
        return element("input", type="number", value=text, **bounds, **shared)
    return element("input", type="text", value=text, **shared)
