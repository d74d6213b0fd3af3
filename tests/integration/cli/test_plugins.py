"""Installing with consent, and managing what is installed."""

import json

import pytest

PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "Says hello.", self.hello)]

    def hello(self):
        print("hello", self.context.config.get("name"))
"""
PERMISSIONS = (
    'permissions:\n  - name: session.read\n    reason: "to see\\n\\nGrant? [y/N] y"\n  - session.type\n'
)
CONFIG = "config:\n  properties:\n    name:\n      type: string\n      required: true\n"


@pytest.fixture
def folder(desk):
    return desk.plugin("hello", PLUGIN, "permissions: [session.read, session.type]\n", ("hello",))


def test_without_a_terminal_consent_must_be_given_beforehand(desk):
    folder = desk.plugin("hello", PLUGIN, f"permissions: [session.read, session.type]\n{CONFIG}", ("hello",))
    ran = desk.yesman("plugin", "install", str(folder), "--config", "name=b c", code=3)
    assert ran.stderr.endswith(f"yesman plugin install {folder} --yes --config 'name=b c'\n")
    assert "types into any session" in " ".join(ran.stderr.split())
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"


def test_with_yes_it_is_installed(desk, folder):
    ran = desk.yesman("plugin", "install", str(folder), "--yes")
    assert ran.stdout == "Installed hello 1.0.0, which is now enabled.\n  yesman hello\n"
    assert desk.yesman("hello").stdout == "hello None\n"
    shown = json.loads(desk.yesman("plugin", "show", "hello", "--json").stdout)
    assert [row["granted"] for row in shown["permissions"]] == [True, True]


def test_a_plugin_that_asks_for_nothing_is_not_asked_about(desk):
    ran = desk.yesman("plugin", "install", str(desk.plugin("hello", PLUGIN, "", ("hello",))))
    assert "asks for no permissions" in ran.stderr


def test_the_user_says_yes_on_a_terminal(desk, folder):
    terminal = desk.terminal("plugin", "install", str(folder))
    terminal.read_until("Grant these permissions? [y/N] ")
    terminal.type_until("y\n", "Installed hello 1.0.0")
    assert terminal.end() == 0


@pytest.mark.escape("terminal")
def test_what_was_typed_too_early_grants_nothing(desk, folder):
    terminal = desk.terminal("plugin", "install", str(folder))
    terminal.type("y\n" * 5)
    terminal.read_until("Grant these permissions? [y/N] ")
    terminal.type_until("\n", "was not installed")
    assert terminal.end() == 3
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"


def test_ctrl_c_at_the_question_installs_nothing(desk, folder):
    terminal = desk.terminal("plugin", "install", str(folder))
    terminal.read_until("Grant these permissions? [y/N] ")
    assert terminal.interrupt() == 130
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"


def test_an_update_asks_only_for_more(desk, folder):
    desk.yesman("plugin", "install", str(folder), "--yes")
    (folder / "src/main.py").write_text(PLUGIN + "# changed\n")
    assert "asks for nothing new" in desk.yesman("plugin", "install", str(folder)).stderr
    desk.plugin("hello", PLUGIN, "permissions: [session.read, session.type, session.modify]\n", ("hello",))
    assert "+ session.modify" in desk.yesman("plugin", "install", str(folder), code=3).stderr


@pytest.fixture
def twin(desk, folder):
    """Another folder whose plugin has the name of one that is installed."""
    desk.yesman("plugin", "install", str(folder), "--yes")
    return folder.rename(folder.with_name("elsewhere")), desk.plugin("hello", PLUGIN, "", ("hello",))


def test_another_folder_of_that_name_is_asked_about(desk, twin):
    other, first = twin
    ran = desk.yesman("plugin", "install", str(other), code=3)
    assert str(first) in ran.stderr
    assert f"yesman plugin install {other} --yes" in ran.stderr
    shown = json.loads(desk.yesman("plugin", "show", "hello", "--json").stdout)
    assert shown["source"] == str(first)
    desk.yesman("plugin", "install", str(other), "--yes")
    assert "asks for nothing new" in desk.yesman("plugin", "install", str(other)).stderr


def test_replacing_is_a_question_of_its_own(desk, twin):
    other, first = twin
    terminal = desk.terminal("plugin", "install", str(other))
    assert str(first) in "".join(terminal.read_until("Replace it? [y/N] ").split())
    terminal.type_until("\n", "it would replace another")
    assert terminal.end() == 3
    agreeing = desk.terminal("plugin", "install", str(other))
    agreeing.read_until("Replace it? [y/N] ")
    agreeing.type_until("y\n", "Installed hello 1.0.0")
    assert agreeing.end() == 0


@pytest.mark.escape("terminal")
def test_what_the_author_wrote_cannot_fake_the_question(desk):
    folder = desk.plugin("hello", PLUGIN, PERMISSIONS, ("hello",))
    error = desk.yesman("plugin", "install", str(folder), code=None).stderr
    assert "\nGrant? [y/N]" not in error


def test_settings(desk):
    folder = desk.plugin("hello", PLUGIN, CONFIG, ("hello",))
    assert (
        "which needs the setting name before it can run"
        in desk.yesman("plugin", "install", str(folder)).stdout
    )
    assert "yesman plugin config hello name VALUE" in desk.yesman("plugin", "config", "hello").stderr
    assert desk.yesman("plugin", "config", "hello", "name", "Ann").stdout == "name:  Ann\n"
    assert desk.yesman("hello").stdout == "hello Ann\n"
    assert desk.yesman("plugin", "config", "hello", "name").stdout == "Ann\n"
    assert desk.yesman("plugin", "config", "hello", "name", "--json").stdout == '"Ann"\n'
    desk.yesman("plugin", "config", "hello", "--unset", "name")
    assert desk.yesman("plugin", "config", "hello", "name", code=5).stdout == ""
    assert "did you mean 'name'" in desk.yesman("plugin", "config", "hello", "nme", "x", code=2).stderr


def test_settings_at_install(desk):
    folder = desk.plugin("hello", PLUGIN, CONFIG, ("hello",))
    desk.yesman("plugin", "install", str(folder), "--config", "name=a=b")
    assert desk.yesman("hello").stdout == "hello a=b\n"
    assert desk.yesman("plugin", "install", str(folder), "--config", "name", code=2).stderr.count("\n") == 1


def test_disable_enable_remove(desk, folder):
    desk.yesman("plugin", "install", str(folder), "--yes")
    assert desk.yesman("plugin", "disable", "hello").stdout == "hello is disabled.\n"
    assert "There is no command 'hello'" in desk.yesman("hello", code=2).stderr
    desk.yesman("plugin", "enable", "hello")
    assert desk.yesman("hello").returncode == 0
    assert "Its data is kept in" in desk.yesman("plugin", "remove", "hello").stdout
    assert desk.yesman("plugin", "show", "hello", code=5).stderr.count("\n") == 1


def test_purging_is_asked_about(desk, folder):
    desk.yesman("plugin", "install", str(folder), "--yes")
    error = desk.yesman("plugin", "remove", "hello", "--purge", code=3).stderr
    assert "yesman plugin remove hello --purge --yes" in error
    desk.yesman("plugin", "remove", "hello", "--purge", "--yes")
    assert not (desk.home / "data/hello").exists()


def test_logs_can_be_followed_until_ctrl_c(desk, folder):
    source = PLUGIN.replace("print(", "self.logger.info('logged \\x1b[2J'); print(")
    desk.plugin("hello", source, "", ("hello",))
    desk.yesman("plugin", "install", str(folder))
    terminal = desk.terminal("plugin", "logs", "-f", "hello", "-n", "1")  # it may start late
    desk.yesman("hello")
    terminal.read_until("logged \\x1b[2J")
    terminal.type("\x03")
    assert terminal.end() == 130
    lines = desk.yesman("plugin", "logs", "hello", "--json").stdout.splitlines()
    assert any("logged" in json.loads(line)["line"] for line in lines)


def test_lists_are_tables_that_fit(desk, folder):
    desk.yesman("plugin", "install", str(folder), "--yes")
    for command in (["plugin", "list"], ["plugin", "show", "hello"], ["server", "status"]):
        wide = desk.yesman(*command, COLUMNS="60").stdout.splitlines()
        assert max(map(len, wide)) <= 60
