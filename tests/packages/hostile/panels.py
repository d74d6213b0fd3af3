"""Panels that mean harm, as source of what they show, for whoever draws them."""

from __future__ import annotations

FIELDS = {
    "text": "ui.Text(X)",
    "pairs": "ui.KeyValue([(X, X)])",
    "title of a table": "ui.Table([ui.Column(X)], [['v']])",
    "cell": "ui.Table([ui.Column('c')], [[X]])",
    "empty table": "ui.Table([ui.Column('c')], [], empty=X)",
    "metric": "ui.Metric(X, X)",
    "chart": "ui.Chart([X, 'b'], [ui.Series(X, [1, 2])], title=X)",
    "progress": "ui.Progress(X, 0.5)",
    "tree": "ui.Tree([ui.Item(X, [ui.Item(X)], open=True)])",
    "log": "ui.Log([X])",
    "image": "ui.Image('a.png', X)",
    "button": "ui.Button(X, ui.Action('a'))",
    "menu": "ui.Menu(X, [ui.Button(X, ui.Action('a'))])",
    "tab": "ui.Tabs([ui.Tab(X, ui.Text('content'))])",
    "stack": "ui.Stack([], title=X)",
    "empty": "ui.Empty(X, X)",
    "error": "ui.Error(X, X)",
    "field": "ui.Form({'properties': {'f': {'type': 'string', 'description': X}}}, ui.Action('a'), X)",
    "choice": "ui.Form({'properties': {'f': {'type': 'string', 'enum': [X], 'default': X}}}, ui.Action('a'))",
}
"""Every text that a node has, with X in its place."""
TOO_MUCH = {
    "too many parts": ("ui.Stack([ui.Text('x')] * 3000)", "more than 2000 parts"),
    "too deep": ("self.deep(200)", "deeper than"),
    "too large": ("ui.Stack([ui.Text('x' * 40_000)] * 20)", "more than 262144"),
    "no node": ("'text'", "shows str, not a node"),
    "an exception": ("1 / 0", "division by zero"),
    "the end of the process": ("__import__('os')._exit(3)", "exited with code 3"),
    "a table of another width": ("ui.Table([ui.Column('a')], [[1, 2]])", "does not have 1 cells"),
    "a form with escape sequences": (
        "ui.Form({'properties': {'f': {'type': 'string', 'description': '\\x1b[2J'}}}, ui.Action('a'))",
        "what it shows is no panel",
    ),
    "not a number": ("ui.Metric('m', float('nan'))", "not plain JSON data"),
}
"""What cannot be shown, and what is said instead."""
DEEP = """
    def deep(self, levels):
        node = ui.Text("x")
        for _ in range(levels):
            node = ui.Stack([node])
        return node
"""
FLOOD = """
    rendered = 0
    async def initialize(self):
        import threading
        threading.Thread(target=self.flood, daemon=True).start()
    def flood(self):
        while True:
            self.context.panels.changed("main")
    def count(self):
        self.rendered += 1
        return self.rendered
"""
"""A plugin that says without end that something has changed."""
