"""Forms: a field for each setting of a schema, checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Input, Select, Static, Switch

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
        self._fields: dict[str, Input | Select[Any] | Switch] = {}
        self._said = Static(Text(""))

    def compose(self) -> ComposeResult:
        """Draw the fields."""
        for field in self._schema.properties:
            needed = " (required)" if field.required else ""
            yield Static(Text.assemble((f"{field.name}{needed}", "bold"), f"  {field.description}"))
            self._fields[field.name] = _field(field)
            yield self._fields[field.name]
        yield self._said
        yield Button(Content(self._submit), compact=True, variant="primary")

    @on(Button.Pressed)
    def send(self, event: Button.Pressed) -> None:
        """Check what was filled in, and send it."""
        event.stop()
        try:
            values = self._values()
        except UsageError as error:
            self._said.update(Text(error.message, style="bold red"))
            return
        self._said.update(Text(""))
        self.post_message(self._sent(values))

    def _values(self) -> dict[str, Any]:
        given = {p.name: value for p in self._schema.properties if (value := self._value(p)) is not None}
        values = self._schema.check(given)
        if lacking := self._schema.missing(values):
            raise UsageError(f"the form lacks {', '.join(lacking)}")
        return values

    def _value(self, field: Property) -> Any:
        widget = self._fields[field.name]
        if isinstance(widget, Switch):
            return widget.value
        if isinstance(widget, Select):
            return None if widget.is_blank() else widget.value
        return self._schema.parse_text(field.name, widget.value) if widget.value else None


def _field(field: Property) -> Input | Select[Any] | Switch:
    if field.type == "boolean":
        return Switch(bool(field.default))
    if field.choices and field.type != "array":
        options: Any = [(Content(str(choice)), choice) for choice in field.choices]
        return Select(options, value=field.default if field.default is not None else Select.NULL)
    default = field.default
    text = (
        ", ".join(map(str, default))
        if isinstance(default, tuple)
        else ""
        if default is None
        else str(default)
    )
    return Input(text, password=field.is_secret)
