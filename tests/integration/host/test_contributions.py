"""What a plugin declares, what it delivers, and what happens to names that two want."""

from __future__ import annotations

import pytest

from yesman.host.index import CommandIndex
from yesman.model.reserved import BUILT_IN

LIKE_THE_PLANS = """
from yesman.plugins import CommandPlugin, PluginCommand

class GitHubIntegrationPlugin(CommandPlugin):
    async def initialize(self):
        self.token = self.context.config["github_token"]

    def get_commands(self):
        return [PluginCommand("gh-create-pr", "Create a PR", self.create_pr, [{"name": "--title"}])]

    async def create_pr(self, title):
        return {"title": title, "token": self.token}
"""

OPTIONS = """
from yesman.plugins import CommandPlugin, PluginCommand

class Made(CommandPlugin):
    def get_commands(self):
        options = [
            {"name": "--count", "short": "-c", "type": int, "default": 3, "help": "how many"},
            {"name": "--tag", "multiple": True},
            {"name": "--loud", "is_flag": True},
            {"name": "--who", "required": True},
        ]
        return [PluginCommand("greet", "Greets", self.greet, options)]

    def greet(self, count, tag, loud, who):
        return [count, tag, loud, who]
"""


def index(server):
    return CommandIndex.read(server.home.index)


FORGED = """
from yesman.plugins import CommandPlugin, PluginCommand

class Forged(PluginCommand):
    def describe(self):
        option = {"name": "--aa", "short": "-\\x1b]0;title\\x07", "type": "str", "help": "h"}
        return {"name": "opt", "description": "d", "options": [option]}

class Made(CommandPlugin):
    def get_commands(self):
        return [Forged("opt", "d", lambda **k: 1)]
"""


@pytest.mark.escape("terminal")
def test_a_description_that_got_around_the_author_api_is_refused(server, plugins):
    folder = plugins.make(commands={"opt": "return 1"}, main=FORGED)
    failure = server.explained(server.try_install(folder))
    assert "describes a command wrongly" in failure["message"]
    assert failure["message"].isprintable()
    assert server.names() == []


@pytest.mark.parametrize("name", sorted(BUILT_IN))
@pytest.mark.escape("terminal")
def test_our_own_command_names_are_refused(server, plugins, name):
    failure = server.refusal("plugin.inspect", path=str(plugins.make(commands={name: "return 1"})))
    assert failure["kind"] == "author"
    assert f"'{name}'" in failure["message"]
    assert failure["next_step"]


def test_a_name_that_another_plugin_has_gets_the_plugins_own_in_front(server, plugins):
    server.install(plugins.make("first", commands={"same": "return 'first'"}))
    done = server.install(plugins.make("second", commands={"same": "return 'second'", "own": "return 2"}))
    assert sorted(done["commands"]) == ["own", "second:same"]
    rows = {name: row.plugin for name, row in index(server).rows.items()}
    assert rows == {"same": "first", "second:same": "second", "own": "second"}
    assert index(server).detail("second:same")["name"] == "same"
    assert server.value("second", "same") == "second"


def test_a_name_is_free_again_when_its_plugin_is_disabled(server, plugins):
    server.install(plugins.make("first", commands={"same": "return 1"}))
    server.install(plugins.make("second", commands={"same": "return 2"}))
    server.call("plugin.disable", name="first")
    assert {name: row.plugin for name, row in index(server).rows.items()} == {"same": "second"}
    server.call("plugin.enable", name="first")
    assert set(index(server).rows) == {"same", "second:same"}


def test_options_are_recorded_so_that_help_starts_nothing(server, plugins):
    server.install(plugins.make(main=OPTIONS, provides=[{"commands": [{"name": "greet"}]}]))
    rows = {option["name"]: option for option in index(server).detail("greet")["options"]}
    count = rows["--count"]
    assert (count["short"], count["type"], count["default"], count["help"]) == ("-c", "int", 3, "how many")
    assert rows["--tag"]["multiple"]
    assert rows["--loud"]["is_flag"]
    assert rows["--who"]["required"]
    (row,) = server.call("server.status")["plugins"]
    assert row["pid"] is None


def test_what_is_declared_and_not_delivered_is_a_warning(server, plugins):
    provides = [
        {"commands": [{"name": "gh-create-pr"}, {"name": "gh-sync"}]},
        {"hooks": [{"name": "session.created"}, {"name": "session.closed"}]},
        {"providers": [{"name": "github", "interface": "IVersionControlProvider"}]},
    ]
    token = {"type": "string", "required": True}
    config = {"type": "object", "properties": {"github_token": token}}
    folder = plugins.make("github-integration", main=LIKE_THE_PLANS, provides=provides, config=config)
    done = server.install(folder, config={"github_token": "t"})
    named = ("'gh-sync'", "'session.created'", "'session.closed'", "'github'")
    assert len(done["warnings"]) == len(named)
    assert all(any(name in warning for warning in done["warnings"]) for name in named)
    assert set(index(server).rows) == {"gh-create-pr"}
    answer = server.value("github-integration", "gh-create-pr", options={"title": "T"})
    assert answer == {"title": "T", "token": "t"}


def test_a_declared_handler_that_is_nowhere_is_a_warning(server, plugins):
    hooks = [{"name": "session.created", "handler": "on_session_created"}]
    done = server.install(plugins.make(provides=[{"hooks": hooks}]))
    assert ["'session.created' is declared" in warning for warning in done["warnings"]] == [True]
    log = (server.home.plugin_logs / "demo.log").read_text()
    assert "WARNING plugin.yaml names the handler 'on_session_created', which is neither a method of" in log


def test_a_guard_whose_handler_is_nowhere_is_an_error(server, plugins):
    hooks = [{"name": "session.closing", "handler": "on_closing", "on_error": "closed"}]
    folder = plugins.make(provides=[{"hooks": hooks}], permissions=["session.modify"])
    failure = server.explained(server.try_install(folder))
    assert failure["kind"] == "author"
    assert "'on_closing'" in failure["message"]
    assert server.names() == []


@pytest.mark.parametrize("module", ["hooks", "commands"])
def test_a_module_of_handlers_that_lacks_another_is_an_error(server, plugins, module):
    rows = [{"name": {"hooks": "session.created", "commands": "away"}[module], "handler": "nowhere"}]
    folder = plugins.make(provides=[{module: rows}])
    (folder / "src" / f"{module}.py").write_text("import not_there_at_all\n")
    failure = server.explained(server.try_install(folder))
    assert "not_there_at_all" in failure["message"]


def test_what_is_delivered_and_not_declared_is_ignored_and_named(server, plugins):
    folder = plugins.make(
        commands={"known": "return 1", "extra": "return 2"},
        hooks={"session.created": "self.note('heard')"},
        provides=[{"commands": [{"name": "known"}]}],
    )
    done = server.install(folder)
    assert sorted("'extra'" in w or "'session.created'" in w for w in done["warnings"]) == [True, True]
    assert all("not declared" in warning for warning in done["warnings"])
    assert set(index(server).rows) == {"known"}
    assert server.call("plugin.show", name="demo")["hooks"] == []


def test_an_ignored_command_cannot_be_run(server, plugins):
    folder = plugins.make(
        commands={"known": "return 1", "extra": "return 2"}, provides=[{"commands": [{"name": "known"}]}]
    )
    server.install(folder)
    assert server.explained(server.run("demo", "extra"))["kind"] in {"not-found", "usage"}


def test_functions_named_by_the_manifest_are_used(server, plugins):
    commands = [{"name": "away", "description": "elsewhere", "handler": "run_away"}]
    folder = plugins.make(provides=[{"commands": commands}])
    (folder / "src" / "commands.py").write_text("def run_away():\n    return 'from commands.py'\n")
    assert server.install(folder)["warnings"] == []
    assert server.value("demo", "away", options={}) == "from commands.py"
