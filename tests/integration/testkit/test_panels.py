"""What a test sees of panels, and presses, is what a dashboard is given; of what goes wrong it hears."""

from __future__ import annotations

import pytest

from yesman.model.errors import AuthorError
from yesman.plugins import ui
from yesman.plugins.testing import load_plugin, parts

PANELS = [
    {"name": "mine", "title": "Mine"},
    {"name": "beside", "title": "Beside", "slot": "session"},
    {"name": "broken", "title": "Broken"},
]
METHODS = """
def initialize(self):
    self.said = []

def get_panels(self):
    actions = {"say": self.say, "fail": self.broken}
    others = [ui.Panel("beside", self.beside), ui.Panel("broken", self.broken)]
    return [ui.Panel("mine", self.mine, actions), *others]

def mine(self, view):
    word = {"type": "string", "enum": ["a", "b"], "required": True}
    form = ui.Form({"properties": {"word": word}}, ui.Action("say"))
    rows = [ui.Button("Row", ui.Action("say", {"row": n})) for n in range(2)]
    hidden = ui.Tabs([ui.Tab("One", ui.Text("\\x1b[2J")), ui.Tab("Two", ui.Menu("More", rows))])
    return ui.Stack([hidden, form, ui.Button("Fail", ui.Action("fail")), ui.Log(self.said)])

async def say(self, act):
    self.said.append(str(act.arguments.get("row", act.values.get("word"))))
    return f"Said {self.said[-1]}"

def beside(self, view):
    return ui.Text(view.session)

def broken(self, _):
    raise LookupError("nothing is there")
"""


@pytest.fixture
def shown(plugin_of):
    top = "from yesman.plugins import ui"
    more = {"provides": [{"panels": PANELS}], "permissions": ["session.read:work-*"]}
    return load_plugin(plugin_of(METHODS, top, **more))


async def test_the_tree_is_of_the_authors_classes_and_as_people_see_it(shown):
    async with shown as plugin:
        tree = await plugin.panel("mine")
        assert parts(tree, ui.Text) == [ui.Text("␛[2J")]
        assert [button.label for button in parts(tree, ui.Button)] == ["Row", "Row", "Fail"]
        assert isinstance(tree, ui.Stack)
        assert tree.children[-1] == ui.Log([])


async def test_what_says_something_is_pressed_by_it_and_twins_by_what_they_are(shown):
    async with shown as plugin:
        _, second, _ = parts(await plugin.panel("mine"), ui.Button)
        assert await plugin.press("mine", second) == "Said 1"
        assert await plugin.press("mine", "Send", {"word": "b"}) == "Said b"
        assert parts(await plugin.panel("mine"), ui.Log) == [ui.Log(["1", "b"])]


@pytest.mark.parametrize(
    ("what", "values", "said"),
    [
        ("Row", {}, "2 parts to press are 'Row'"),
        ("Gone", {}, "the panel offers 'Row', 'Row', 'Send', 'Fail'"),
        (ui.Button("Row", ui.Action("say", {"row": 2})), {}, "0 parts"),
        ("Send", {}, "lacks word"),
        ("Send", {"word": "c"}, "word"),
        ("Send", {"word": "a", "other": 1}, "other"),
    ],
)
async def test_what_is_not_offered_cannot_be_pressed(shown, what, values, said):
    async with shown as plugin:
        with pytest.raises(ValueError, match=said):
            await plugin.press("mine", what, values)
        assert parts(await plugin.panel("mine"), ui.Log) == [ui.Log([])]


async def test_what_a_panel_or_an_action_raises_the_test_raises(shown):
    async with shown as plugin:
        with pytest.raises(LookupError, match="nothing is there"):
            await plugin.panel("broken")
        with pytest.raises(LookupError, match="nothing is there"):
            await plugin.press("mine", "Fail")


async def test_a_session_is_told_where_it_belongs_and_may_be_read(shown):
    async with shown as plugin:
        assert await plugin.panel("beside", session="work-1") == ui.Text("work-1")
        with pytest.raises(PermissionError, match=r"session\.read:other"):
            await plugin.panel("beside", session="other")
        with pytest.raises(ValueError, match="is shown with a session"):
            await plugin.panel("beside")
        with pytest.raises(ValueError, match="is shown by itself"):
            await plugin.panel("mine", session="work-1")
        with pytest.raises(LookupError, match="no panel 'miine'"):
            await plugin.panel("miine")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return ui.Stack([ui.Text('')] * 2000)", "more than 2000 parts"),
        ("return ui.Text('x' * 50_001)", "text"),
        ("return 'text'", "shows str, not a node of ui"),
        ("return ui.Table([ui.Column('a')], [[1, 2]])", "a row does not have 1 cells"),
    ],
)
async def test_a_tree_beyond_a_bound_fails_the_test(plugin_of, body, said):
    panels = "def get_panels(self):\n    return [ui.Panel('mine', self.mine)]\n"
    folder = plugin_of(
        f"{panels}def mine(self, view):\n    {body}\n",
        "from yesman.plugins import ui",
        provides=[{"panels": PANELS[:1]}],
    )
    async with load_plugin(folder) as plugin:
        with pytest.raises((AuthorError, RuntimeError), match=said):
            await plugin.panel("mine")
