"""The built-in commands: name, one line of help, and where each is, without importing it.

What always holds: the line is the command's own short help, which a test compares; a plugin's
command never takes one of these names.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """One command: its line of help, and ``module:attribute`` of its Click command."""

    help: str
    target: str


ROOT: Final = {
    "session": Entry("Start, watch and end sessions.", "yesman.cli.session:group"),
    "plugin": Entry("Install and manage plugins.", "yesman.cli.plugin:group"),
    "agent": Entry("Watch coding agents, and let them tell what they do.", "yesman.cli.agent:group"),
    "provider": Entry("Look at what plugins provide, and use it.", "yesman.cli.provider:group"),
    "server": Entry("Start, stop and look at the server.", "yesman.cli.server:group"),
    "doctor": Entry("Check what this machine's kernel enforces.", "yesman.cli.doctor:command"),
}

PLUGIN: Final = {
    "new": Entry("Start a plugin of your own.", "yesman.cli.new:command"),
    "install": Entry("Install a plugin, or update it.", "yesman.cli.install:command"),
    "list": Entry("List plugins and their states.", "yesman.cli.plugin:list_"),
    "show": Entry("Show everything about one plugin.", "yesman.cli.plugin:show"),
    "config": Entry("Show or change a plugin's settings.", "yesman.cli.config:command"),
    "permissions": Entry("Show what a plugin may do, and what it asks for.", "yesman.cli.grants:permissions"),
    "grant": Entry("Grant permissions that a plugin asks for.", "yesman.cli.grants:grant"),
    "revoke": Entry("Take permissions back, at once.", "yesman.cli.grants:revoke"),
    "limits": Entry("Show or change what a plugin may use.", "yesman.cli.limits:command"),
    "enable": Entry("Let a plugin run again.", "yesman.cli.plugin:enable"),
    "disable": Entry("Stop a plugin and keep it installed.", "yesman.cli.plugin:disable"),
    "remove": Entry("Remove a plugin.", "yesman.cli.plugin:remove"),
    "pack": Entry("Make a package of a plugin's folder.", "yesman.cli.pack:command"),
    "validate": Entry("Check a plugin's folder without running it.", "yesman.cli.validate:command"),
    "test": Entry("Run a plugin's tests, as you; the plugin in its sandbox.", "yesman.cli.testing:command"),
    "logs": Entry("Show what a plugin has logged.", "yesman.cli.plugin:logs"),
    "audit": Entry("Show what plugins did and were allowed.", "yesman.cli.audit:command"),
    "bisect": Entry("Find the plugin that makes a command fail.", "yesman.cli.bisect:command"),
    "top": Entry("Show what plugins do and use, live.", "yesman.cli.top:command"),
}

SESSION: Final = {
    "new": Entry("Start a session.", "yesman.cli.session:new"),
    "ls": Entry("List sessions.", "yesman.cli.session:ls"),
    "show": Entry("Show one session with its windows and panes.", "yesman.cli.session:show"),
    "attach": Entry("Show a session in this terminal.", "yesman.cli.session:attach"),
    "send": Entry("Type text into a session.", "yesman.cli.session:send"),
    "capture": Entry("Print what a session's terminal shows.", "yesman.cli.session:capture"),
    "close": Entry("End a session and what runs in it.", "yesman.cli.session:close"),
}

AGENT: Final = {
    "setup": Entry("Let Claude Code tell yesman what it does in a project.", "yesman.cli.agent:setup"),
    "status": Entry("Show the agents in sessions and what they ask.", "yesman.cli.agent:status"),
}

PROVIDER: Final = {
    "list": Entry("List providers and how they are.", "yesman.cli.provider:list_"),
    "show": Entry("Show one provider with its methods.", "yesman.cli.provider:show"),
    "check": Entry("Connect providers and say whether they work.", "yesman.cli.provider:check"),
    "call": Entry("Call a method of a provider.", "yesman.cli.provider:call"),
}

SERVER: Final = {
    "start": Entry("Start the server, if none runs.", "yesman.cli.server:start"),
    "stop": Entry("Stop the server and its plugins; sessions stay.", "yesman.cli.server:stop_"),
    "status": Entry("Show the server's state.", "yesman.cli.server:status"),
}

OPTIONS: Final = {
    "--tmux-socket PATH": "Join the tmux server at PATH instead of yesman's own.",
    "--safe-mode": "Run no plugin; a server that is started for it stays so.",
    "--debug": "Show tracebacks.",
    "--version": "Show the version and exit.",
    "-h, --help": "Show this message and exit.",
}
"""What stands before a command, as help shows it."""
