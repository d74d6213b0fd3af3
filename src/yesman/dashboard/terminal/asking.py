"""Questions on the screen, answered with a key or a button; texts to read; and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from yesman.dashboard.formats import plain

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.widget import Widget

    from yesman.model.errors import YesmanError


def complain(where: App[Any] | Widget, error: YesmanError) -> None:
    """Show for a moment what went wrong; it may quote a stranger."""
    where.notify(plain(str(error)), severity="error", markup=False)


class Confirmation(ModalScreen[bool]):
    """Asks whether to go on; its result is the answer."""

    BINDINGS: ClassVar[Any] = [
        ("y", "dismiss(True)", "Yes"),
        ("n", "dismiss(False)", "No"),
        ("escape", "dismiss(False)", "No"),
    ]
    DEFAULT_CSS = """
    Confirmation { align: center middle; }
    Confirmation > Vertical { width: 64; max-width: 95%; height: auto; border: round $primary; padding: 1 2; }
    Confirmation Horizontal { height: auto; margin-top: 1; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Draw the question; the harmless answer is the one that Enter gives."""
        with Vertical():
            yield Static(Text(self._question))
            with Horizontal():
                yield Button("No (n)", id="no", compact=True)
                yield Button("Yes (y)", id="yes", variant="warning", compact=True)

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """Take the answer."""
        event.stop()
        self.dismiss(event.button.id == "yes")


class Reading(ModalScreen[None]):
    """Shows a long text."""

    BINDINGS: ClassVar[Any] = [("escape", "dismiss", "Close"), ("q", "dismiss", "Close")]
    DEFAULT_CSS = """
    Reading { align: center middle; }
    Reading > Vertical { width: 95%; height: 90%; border: round $primary; padding: 0 1; overflow: auto; }
    """

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._text = text
        self._title = title

    def compose(self) -> ComposeResult:
        """Draw the text."""
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = "Escape closes"
            yield Static(Text(self._text))
