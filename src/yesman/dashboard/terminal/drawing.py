"""Draws the nodes of a panel as widgets.

What always holds: no text of a plugin is read as markup, and nothing of it opens a link or a file; what can
be pressed tells only where in the panel it stands (:class:`Pressed`).
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, ClassVar

from markdown_it import MarkdownIt
from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import (
    Button,
    Collapsible,
    DataTable,
    Markdown,
    ProgressBar,
    Sparkline,
    Static,
    TabbedContent,
    TabPane,
    Tree,
)

from yesman.dashboard.formats import NUMERIC, ordered, written
from yesman.dashboard.terminal.charts import drawn
from yesman.dashboard.terminal.forms import FormFields
from yesman.dashboard.wording import delta, named, share, toned
from yesman.model import panels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.widget import Widget

    from yesman.model.panels import Cell, Node, Tone

STYLES: dict[Tone, str] = {
    "plain": "",
    "muted": "dim",
    "good": "green",
    "warning": "yellow",
    "bad": "bold red",
}


class Pressed(Message):
    """Somebody has pressed what stands at ``path``; ``values`` is what was filled in there."""

    def __init__(self, path: str, confirm: str, values: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.path = path
        self.confirm = confirm
        self.values = values or {}


class Part(Vertical):
    """A node of a panel, and where in the panel it stands."""

    DEFAULT_CSS = "Part { height: auto; } Horizontal > Part { width: 1fr; }"

    def __init__(self, node: Node, path: str) -> None:
        super().__init__()
        self.path = path
        self._node = node

    def compose(self) -> ComposeResult:
        """Draw the node."""
        yield from draw(self._node, self.path)

    async def show(self, node: Node) -> None:
        """Draw another one in its place."""
        self._node = node
        await self.recompose()


@singledispatch
def draw(node: Node, path: str) -> Iterator[Widget]:
    """Yield the widgets that show ``node``, which stands at ``path``."""
    raise TypeError(f"{type(node).__name__} at {path} is no node of a panel")


@draw.register(panels.Text)
def _text(node: panels.Text, _path: str) -> Iterator[Widget]:
    style = f"{STYLES[node.tone]}{' bold' if node.strong else ''}".strip()
    yield Static(Text(toned(node.text, node.tone), style=style))


@draw.register(panels.Markdown)
def _markdown(node: panels.Markdown, _path: str) -> Iterator[Widget]:
    yield Markdown(node.text, parser_factory=_markdown_parser, open_links=False)


def _markdown_parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@draw.register(panels.KeyValue)
def _pairs(node: panels.KeyValue, _path: str) -> Iterator[Widget]:
    wide = max((len(name) for name, _ in node.rows), default=0)
    lines = [Text.assemble((f"{name:<{wide}}  ", "dim"), _cell(value, "text")) for name, value in node.rows]
    yield Static(Text("\n").join(lines))


class SortedTable(DataTable[Text]):
    """A table that is sorted by the column whose title is pressed, once more for the other way."""

    BINDINGS: ClassVar[Any] = [("s", "sort_next", "Sort by another column")]

    def __init__(self, node: panels.Table) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True)
        self._node = node
        self._sorted = (node.sort, node.descending)
        self.styles.height = min(node.page, max(len(node.rows), 1)) + 2

    def on_mount(self) -> None:
        """Fill it."""
        self._fill()

    def _fill(self) -> None:
        column, descending = self._sorted
        self.clear(columns=True)
        for number, title in enumerate(self._node.columns):
            mark = ("▼" if descending else "▲") if number == column else ""
            self.add_column(Text(f"{named(title.label)} {mark}".rstrip()))
        for row in ordered(self._node, column, descending=descending):
            self.add_row(*(_cell(v, c.format) for v, c in zip(row, self._node.columns, strict=True)))

    @on(DataTable.HeaderSelected)
    def sort_by(self, event: DataTable.HeaderSelected) -> None:
        """Sort by that column."""
        self._sort(event.column_index)

    def action_sort_next(self) -> None:
        """Sort by the next column."""
        column, descending = self._sorted
        if column is not None and not descending:
            self._sort(column)
        else:
            self._sort(0 if column is None else (column + 1) % len(self._node.columns))

    def _sort(self, column: int) -> None:
        before, descending = self._sorted
        self._sorted = (column, column == before and not descending)
        self._fill()


@draw.register(panels.Table)
def _table(node: panels.Table, _path: str) -> Iterator[Widget]:
    yield SortedTable(node) if node.rows else Static(Text(node.empty, style="dim"))


@draw.register(panels.Metric)
def _metric(node: panels.Metric, _path: str) -> Iterator[Widget]:
    said = Text.assemble((node.label, "dim"), "\n", (written(node.value, node.format), "bold"))
    if change := delta(node):
        said.append(f"  {change.text}", STYLES[change.tone])
    yield Static(said)
    if len(node.trend) > 1:
        line = Sparkline(list(node.trend))
        line.styles.height = 1
        yield line


class ChartView(Static):
    """A chart as wide as there is room."""

    def __init__(self, node: panels.Chart) -> None:
        super().__init__()
        self._node = node

    def on_resize(self) -> None:
        """Draw it anew."""
        self.update(drawn(self._node, max(10, self.size.width)))

    def on_mount(self) -> None:
        """Draw it for the usual width, until there is one."""
        self.update(drawn(self._node, 60))


@draw.register(panels.Chart)
def _chart(node: panels.Chart, _path: str) -> Iterator[Widget]:
    yield ChartView(node)


@draw.register(panels.Progress)
def _progress(node: panels.Progress, _path: str) -> Iterator[Widget]:
    yield Static(Text.assemble((node.label, "dim"), f"  {share(node)}"))
    bar = ProgressBar(total=None if node.value is None else 1.0, show_percentage=False, show_eta=False)
    bar.progress = node.value or 0.0
    yield bar


@draw.register(panels.Tree)
def _tree(node: panels.Tree, _path: str) -> Iterator[Widget]:
    tree: Tree[None] = Tree(Text(""))
    tree.show_root = False
    shown = _grow(tree.root, node.items)
    tree.root.expand()
    tree.styles.height = min(max(shown, 1), 20)
    yield tree


def _grow(above: Any, items: tuple[panels.Item, ...]) -> int:
    """Add items; return how many lines are shown at first."""
    lines = 0
    for item in items:
        label = Text(toned(item.text, item.tone), style=STYLES[item.tone])
        if item.children:
            below = _grow(above.add(label, expand=item.open), item.children)
            lines += 1 + (below if item.open else 0)
        else:
            above.add_leaf(label)
            lines += 1
    return lines


@draw.register(panels.Log)
def _log(node: panels.Log, _path: str) -> Iterator[Widget]:
    yield Static(Text("\n".join(node.lines), no_wrap=True))


@draw.register(panels.Image)
def _image(node: panels.Image, _path: str) -> Iterator[Widget]:
    yield Static(Text(f"[{node.alt}]", style="italic dim"))


class PressButton(Button):
    """A button of a panel."""

    def __init__(self, node: panels.Button, path: str) -> None:
        variants: Any = {"good": "success", "warning": "warning", "bad": "error"}
        super().__init__(Content(named(node.label)), variant=variants.get(node.tone, "default"), compact=True)
        self._path = path
        self._confirm = node.action.confirm

    @on(Button.Pressed)
    def tell(self, event: Button.Pressed) -> None:
        """Say what was pressed."""
        event.stop()
        self.post_message(Pressed(self._path, self._confirm))


@draw.register(panels.Button)
def _button(node: panels.Button, path: str) -> Iterator[Widget]:
    yield PressButton(node, path)


@draw.register(panels.Menu)
def _menu(node: panels.Menu, path: str) -> Iterator[Widget]:
    buttons = [Part(item, f"{path}/items/{number}") for number, item in enumerate(node.items)]
    yield Collapsible(*buttons, title=str(Content(named(node.label)).markup), collapsed=True)


@draw.register(panels.Form)
def _form(node: panels.Form, path: str) -> Iterator[Widget]:
    yield FormFields(node.fields, node.submit, lambda values: Pressed(path, node.action.confirm, values))


@draw.register(panels.Tabs)
def _tabs(node: panels.Tabs, path: str) -> Iterator[Widget]:
    with TabbedContent() as tabs:
        pass
    for number, tab in enumerate(node.tabs):
        tabs.compose_add_child(
            TabPane(Content(named(tab.title)), Part(tab.content, f"{path}/tabs/{number}/content"))
        )
    yield tabs


@draw.register(panels.Stack)
def _stack(node: panels.Stack, path: str) -> Iterator[Widget]:
    if node.title:
        yield Static(Text(node.title, style="bold underline"))
    parts = [Part(child, f"{path}/children/{number}") for number, child in enumerate(node.children)]
    if node.direction == "down":
        yield from parts
    else:
        across = Horizontal(*parts)
        across.styles.height = "auto"
        yield across


@draw.register(panels.Empty)
def _empty(node: panels.Empty, _path: str) -> Iterator[Widget]:
    yield Static(Text.assemble((node.text, "dim"), *([f"\n{node.hint}"] if node.hint else [])))


@draw.register(panels.Error)
def _error(node: panels.Error, _path: str) -> Iterator[Widget]:
    yield Static(
        Text.assemble((toned(node.text, "bad"), STYLES["bad"]), *([f"\n{node.hint}"] if node.hint else []))
    )


def _cell(value: Cell, form: panels.Format) -> Text:
    return Text(written(value, form).replace("\n", " "), justify="right" if form in NUMERIC else "left")
