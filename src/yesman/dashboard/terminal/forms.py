"""Forms: a field for each setting of a schema, checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Input, Select, Static, Switch

from yesman.dashboard.forms import CHECKED, UNCHOSEN, filled, is_chosen, label, read_fields, text_of
from yesman.dashboard.wording import named
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.message import Message

    from yesman.model.config_schema import ConfigSchema, Property


class FormFields(Vertical):
    """The fields of a form and its button.

    Args:
        schema: The fields.
        submit: What the button says.
        sent: Makes the message that is posted with what was filled in.
    """

    DEFAULT_CSS = "FormFields { height: auto; } FormFields Input { height: 3; }"

    def __init__(self, schema: ConfigSchema, submit: str, sent: Callable[[dict[str, Any]], Message]) -> None:
        super().__init__()
        self._schema = schema
        self._submit = submit
        self._sent = sent
        self._fields: dict[str, Input | Select[str] | Switch] = {}
        self._said = Static(Text(""))

    def compose(self) -> ComposeResult:
        """Draw the fields."""
        for field in self._schema.properties:
            yield Static(Text.assemble((label(field), "bold"), f"  {field.description}"))
            self._fields[field.name] = _field(field)
            yield self._fields[field.name]
        yield self._said
        yield Button(Content(named(self._submit)), compact=True, variant="primary")

    @on(Button.Pressed)
    def send(self, event: Button.Pressed) -> None:
        """Check what was filled in, and send it."""
        event.stop()
        try:
            values = read_fields(self._schema, {n: _text(w) for n, w in self._fields.items()})
        except UsageError as error:
            self._said.update(Text(error.message, style="bold red"))
            return
        self._said.update(Text(""))
        self.post_message(self._sent(values))


def _text(widget: Input | Select[str] | Switch) -> str:
    if isinstance(widget, Switch):
        return CHECKED if widget.value else ""
    return widget.value if isinstance(widget.value, str) else ""  # a sign of its own where nothing is chosen


def _field(field: Property) -> Input | Select[str] | Switch:
    text = filled(field)
    if field.type == "boolean":
        return Switch(bool(text))
    if not is_chosen(field):
        return Input(text, password=field.is_secret)
    options: Any = [(Content(text_of(choice)), text_of(choice)) for choice in field.choices]
    return Select(options, value=text or Select.NULL, prompt=UNCHOSEN)
