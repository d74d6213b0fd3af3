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
    "market": Entry("Trust registries of plugins, or run one.", "yesman.cli.market:group"),
    "provider": Entry("Look at what plugins provide, and use it.", "yesman.cli.provider:group"),
    "dashboard": Entry("Watch sessions and plugins on one screen.", "yesman.cli.dashboard:command"),
    "server": Entry("Start, stop and look at the server.", "yesman.cli.server:group"),
    "doctor": Entry("Check what this machine's kernel enforces.", "yesman.cli.doctor:command"),
}

PLUGIN: Final = {
    "new": Entry("Start a plugin of your own.", "yesman.cli.new:command"),
    "install": Entry("Install a plugin, or update it.", "yesman.cli.install:command"),
    "search": Entry("Search a registry for plugins.", "yesman.cli.searching:command"),
    "info": Entry("Show what a registry has of a plugin.", "yesman.cli.updates:info"),
    "update": Entry("Update plugins from their registries.", "yesman.cli.updates:update"),
    "list": Entry("List plugins and their states.", "yesman.cli.plugin:list_"),
    "show": Entry("Show everything about one plugin.", "yesman.cli.plugin:show"),
    "config": Entry("Show or change a plugin's settings.", "yesman.cli.config:command"),
    "permissions": Entry("Show what a plugin may do, and what it asks for.", "yesman.cli.grants:permissions"),
    "grant": Entry("Grant permissions that a plugin asks for.", "yesman.cli.grants:grant"),
    "revoke": Entry("Take permissions back, at once.", "yesman.cli.grants:revoke"),
    "limits": Entry("Show or change what a plugin may use.", "yesman.cli.limits:command"),
    "rollback": Entry("Go back to the version before.", "yesman.cli.versions:rollback"),
    "pin": Entry("Keep a plugin at the version it has.", "yesman.cli.versions:pin"),
    "sync": Entry("Have exactly the plugins of another machine's lock file.", "yesman.cli.sync:command"),
    "reload": Entry("Have a plugin go on in a new process.", "yesman.cli.reload:command"),
    "enable": Entry("Let a plugin run again.", "yesman.cli.plugin:enable"),
    "disable": Entry("Stop a plugin and keep it installed.", "yesman.cli.plugin:disable"),
    "remove": Entry("Remove a plugin.", "yesman.cli.plugin:remove"),
    "dev": Entry("Work on a plugin: reload it at every change.", "yesman.cli.dev:command"),
    "pack": Entry("Make a package of a plugin's folder.", "yesman.cli.pack:command"),
    "sign": Entry("Sign a package with your key.", "yesman.cli.sign:command"),
    "verify": Entry("Check who signed a package.", "yesman.cli.verify:command"),
    "keys": Entry("Make, show and replace the key you sign with.", "yesman.cli.author_keys:group"),
    "publish": Entry("Publish a signed package to a registry.", "yesman.cli.publishing:publish"),
    "yank": Entry("Say that a release should not be installed.", "yesman.cli.publishing:yank"),
    "report": Entry("Report a plugin to its registry's moderators.", "yesman.cli.reporting:command"),
    "validate": Entry("Check a plugin's folder without running it.", "yesman.cli.validate:command"),
    "scan": Entry("Look for malicious code in a plugin, without running it.", "yesman.cli.scan:command"),
    "advisories": Entry("Import known vulnerabilities for scans.", "yesman.cli.scan:advisories"),
    "test": Entry("Run a plugin's tests, as you; the plugin in its sandbox.", "yesman.cli.testing:command"),
    "logs": Entry("Show what a plugin has logged.", "yesman.cli.plugin:logs"),
    "audit": Entry("Show what plugins did and were allowed.", "yesman.cli.audit:command"),
    "bisect": Entry("Find the plugin that makes a command fail.", "yesman.cli.bisect:command"),
    "top": Entry("Show what plugins do and use, live.", "yesman.cli.top:command"),
}

KEYS: Final = {
    "create": Entry("Make the key that your packages are signed with.", "yesman.cli.author_keys:create"),
    "list": Entry("List your keys, oldest first.", "yesman.cli.author_keys:list_"),
    "export": Entry("Print your public keys, for others.", "yesman.cli.author_keys:export"),
    "rotate": Entry("Replace your key by a new one, which it signs.", "yesman.cli.author_keys:rotate"),
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

MARKET: Final = {
    "add": Entry("Trust a registry.", "yesman.cli.registries:add"),
    "list": Entry("List the registries that you trust.", "yesman.cli.registries:list_"),
    "remove": Entry("Trust a registry no longer.", "yesman.cli.registries:remove"),
    "refresh": Entry("Ask registries now what they have revoked.", "yesman.cli.registries:refresh"),
    "mirror": Entry(
        "Copy a registry to a folder, for machines without a network.", "yesman.cli.mirror:command"
    ),
    "init": Entry("Make a marketplace.", "yesman.cli.market:init"),
    "serve": Entry("Serve a marketplace.", "yesman.cli.market:serve"),
    "token": Entry("Make a token for a publisher or user.", "yesman.cli.market:token"),
    "moderate": Entry("Decide about plugins that wait for it.", "yesman.cli.moderation:group"),
    "keys": Entry("Look after a marketplace's keys, and after its authors'.", "yesman.cli.market_keys:group"),
    "migrate": Entry("Move a marketplace to another database and storage.", "yesman.cli.moving:command"),
}

MODERATE: Final = {
    "queue": Entry("Show which plugins wait for a moderator.", "yesman.cli.moderation:queue"),
    "show": Entry("Show reports, scans and decisions of one plugin.", "yesman.cli.moderation:show"),
    "log": Entry("Show the log of events.", "yesman.cli.moderation:log"),
    "restore": Entry("Take a plugin or a release out of quarantine.", "yesman.cli.moderation:restore"),
    "dismiss": Entry("Dismiss the open reports of a plugin.", "yesman.cli.moderation:dismiss"),
    "reject": Entry("Leave a plugin or a release in quarantine.", "yesman.cli.moderation:reject"),
    "quarantine": Entry("Take a plugin out of lists and index.", "yesman.cli.moderation:quarantine"),
    "yank": Entry("Yank a release in its author's place.", "yesman.cli.moderation:yank"),
    "unyank": Entry("Take a yank back.", "yesman.cli.moderation:unyank"),
    "remove": Entry("Remove a plugin for ever.", "yesman.cli.moderation:remove"),
    "revoke": Entry("Have it stopped wherever it is installed.", "yesman.cli.moderation:revoke"),
    "unrevoke": Entry("Take a revocation back.", "yesman.cli.moderation:unrevoke"),
}

MARKET_KEYS: Final = {
    "list": Entry("List roles with their keys and dates.", "yesman.cli.market_keys:list_"),
    "renew": Entry("Sign for another year what offline keys sign.", "yesman.cli.market_keys:renew"),
    "rotate": Entry("Give roles new keys, as after a theft.", "yesman.cli.market_keys:rotate"),
    "claim": Entry("Say whose keys own a plugin's name.", "yesman.cli.market_keys:claim"),
    "unclaim": Entry("Say that no keys own a plugin's name.", "yesman.cli.market_keys:unclaim"),
    "draft": Entry("Write the next root, for several people to sign.", "yesman.cli.market_root:draft"),
    "sign": Entry("Add your signatures to a drafted root.", "yesman.cli.market_root:sign"),
    "publish": Entry("Publish a root that enough have signed.", "yesman.cli.market_root:publish"),
    "authors": Entry("List the keys of publishers.", "yesman.cli.market_authors:authors"),
    "revoke": Entry("Revoke an author's stolen key.", "yesman.cli.market_authors:revoke"),
    "unrevoke": Entry("Take the revocation of a key back.", "yesman.cli.market_authors:unrevoke"),
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
