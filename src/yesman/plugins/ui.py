"""What a panel shows: a tree of data, drawn by the web dashboard and the terminal dashboard alike.

A panel has no code in the browser and no widget in the terminal. A function of the plugin returns nodes;
yesman checks and draws them, and calls back when somebody presses what they offer. Numbers stay numbers:
a column, a metric or a chart says of what kind they are, and each dashboard writes them out and sorts them.

Bounds, beyond which a panel is an error to look at: 2 000 nodes, 12 levels, 256 KiB; a table has 1 000 rows
and 30 columns, a chart 8 series of 500 values, a log 1 000 lines. Control characters are shown as such.

Example:
    >>> from yesman.plugins import UIPlugin, ui
    >>> class Hello(UIPlugin):
    ...     def get_panels(self):
    ...         return [ui.Panel("hello", lambda view: ui.Text(f"Hello, {view.session or 'everybody'}!"))]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Act",
    "Action",
    "Button",
    "Cell",
    "Chart",
    "Column",
    "Empty",
    "Error",
    "Form",
    "Format",
    "Image",
    "Item",
    "KeyValue",
    "Log",
    "Markdown",
    "Menu",
    "Metric",
    "Node",
    "Panel",
    "Progress",
    "Series",
    "Stack",
    "Tab",
    "Table",
    "Tabs",
    "Text",
    "Tone",
    "Tree",
    "View",
]

Tone = Literal["plain", "muted", "good", "warning", "bad"]
"""What a text or button is like: of less weight, good news, a warning, bad news."""
Format = Literal["text", "number", "money", "percent", "bytes", "time", "duration"]
"""What a value means: money in US dollars, a percentage as a share of 1, time in seconds since 1970,
a duration in seconds."""
Cell: TypeAlias = str | int | float | bool | None
"""A value as it is; None where there is none."""


@dataclass(frozen=True)
class View:
    """Who looks at a panel.

    Attributes:
        session: The name of the session it is shown with; None where it is shown by itself.
    """

    session: str | None = None


@dataclass(frozen=True)
class Act:
    """What somebody has pressed.

    Attributes:
        name: The action's name.
        arguments: As the panel offered them.
        values: What was filled in, if it was a form; checked against its schema.
        view: Where.
    """

    name: str
    arguments: dict[str, Any]
    values: dict[str, Any]
    view: View


@dataclass(frozen=True)
class Panel:
    """A panel, which the manifest declares under the same name.

    Attributes:
        name: As in the manifest.
        render: Returns what it shows, called with a :class:`View`; ``def`` or ``async def``.
        actions: By name, what is called with an :class:`Act`; text that it returns is shown for a moment.
    """

    name: str
    render: Callable[[View], Any]
    actions: Mapping[str, Callable[[Act], Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """What happens when somebody presses something.

    Attributes:
        name: One of the panel's ``actions``.
        arguments: Handed to it as they are: strings, numbers and truth values by name.
        confirm: A question that is asked first; "" for none.
    """

    name: str
    arguments: Mapping[str, Cell] = field(default_factory=dict)
    confirm: str = ""


class _Part:
    """What keeps its lists as tuples: it stays as it was made, and equals what holds the same."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            object.__setattr__(self, name, _fixed(value))


class Node(_Part):
    """A part of a panel."""

    kind: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """Name the kind after the class."""
        cls.kind = cls.__name__.lower()


@dataclass(frozen=True)
class Text(Node):
    """A text; line ends are kept."""

    text: str
    tone: Tone = "plain"
    strong: bool = False


@dataclass(frozen=True)
class Markdown(Node):
    """A text in Markdown (CommonMark with tables); HTML in it is shown, not used."""

    text: str


@dataclass(frozen=True)
class KeyValue(Node):
    """Names and what belongs to them, one pair a line."""

    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    label: str
    format: Format = "text"


@dataclass(frozen=True)
class Table(Node):
    """A table; whoever looks at it sorts it and turns its pages.

    Attributes:
        columns: Titles and formats.
        rows: Each as long as ``columns``.
        sort: Number of the column that it is sorted by at first, from 0; None for the order of the rows.
        descending: Whether that is from the greatest to the least.
        page: Rows shown at a time, 1 to 200.
        empty: What to say where there are no rows.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    sort: int | None = None
    descending: bool = False
    page: int = 20
    empty: str = "Nothing to show"


@dataclass(frozen=True)
class Metric(Node):
    """One figure.

    Attributes:
        label: What it is.
        value: The figure.
        format: What it means.
        delta: By how much it has changed, in the same unit; None where nobody knows.
        better: Which direction of ``delta`` is good news, "" where neither is.
        trend: Its last values, the newest last, drawn as a small line.
    """

    label: str
    value: Cell
    format: Format = "number"
    delta: float | None = None
    better: Literal["up", "down", ""] = ""
    trend: Sequence[float] = ()


@dataclass(frozen=True)
class Series(_Part):
    """One line of a chart, or the bars of one colour; None where a value is missing."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart(Node):
    """Lines or bars.

    Attributes:
        labels: Below the chart, one for each value of a series.
        series: What is drawn.
        form: Lines, or bars that stand on each other.
        format: What the values mean.
        title: Above it; read out where it cannot be seen.
    """

    labels: Sequence[str]
    series: Sequence[Series]
    form: Literal["line", "bar"] = "line"
    format: Format = "number"
    title: str = ""


@dataclass(frozen=True)
class Progress(Node):
    """How far something is.

    Attributes:
        label: What.
        value: The share that is done, 0 to 1; None where nobody knows.
    """

    label: str
    value: float | None = None


@dataclass(frozen=True)
class Item(_Part):
    """A line of a tree, with those below it; ``open`` if they are shown at first."""

    text: str
    children: Sequence[Item] = ()
    open: bool = False
    tone: Tone = "plain"


@dataclass(frozen=True)
class Tree(Node):
    """Lines that open and close."""

    items: Sequence[Item]


@dataclass(frozen=True)
class Log(Node):
    """Lines of a fixed width, the newest last."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Image(Node):
    """A picture of the plugin's ``assets`` folder: PNG, JPEG, GIF or WebP.

    Attributes:
        asset: Its path below ``assets``.
        alt: What it shows, in words; that alone is seen in a terminal.
    """

    asset: str
    alt: str


@dataclass(frozen=True)
class Button(Node):
    """Something to press."""

    label: str
    action: Action
    tone: Tone = "plain"


@dataclass(frozen=True)
class Menu(Node):
    """Several things to press, behind one word."""

    label: str
    items: Sequence[Button]


@dataclass(frozen=True)
class Form(Node):
    """Fields to fill in.

    Attributes:
        schema: The fields, in the words of the manifest's ``config``: ``properties`` with ``type``,
            ``description``, ``enum``, ``default``, ``minimum`` and so on, and ``required``.
        action: Gets what was filled in as ``values``.
        submit: What the button says.
    """

    schema: Mapping[str, Any]
    action: Action
    submit: str = "Send"


@dataclass(frozen=True)
class Tab:
    """One of several sheets."""

    title: str
    content: Node


@dataclass(frozen=True)
class Tabs(Node):
    """Sheets, of which one is seen."""

    tabs: Sequence[Tab]


@dataclass(frozen=True)
class Stack(Node):
    """Several nodes, below each other, or beside each other where there is room; ``title`` stands above."""

    children: Sequence[Node]
    direction: Literal["down", "across"] = "down"
    title: str = ""


@dataclass(frozen=True)
class Empty(Node):
    """There is nothing yet, and what to do about that."""

    text: str
    hint: str = ""


@dataclass(frozen=True)
class Error(Node):
    """Something went wrong, and what to do about that."""

    text: str
    hint: str = ""


def _fixed(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(_fixed(inner) for inner in value)
    return value


def data(value: Any) -> Any:
    """Return a node as JSON data."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {one.name: data(getattr(value, one.name)) for one in fields(value)}
        return {"kind": value.kind, **found} if isinstance(value, Node) else found
    if isinstance(value, Mapping):
        return {key: data(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return [data(inner) for inner in value]
    return value
