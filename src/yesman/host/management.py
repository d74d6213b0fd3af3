"""What a plugin with ``plugin.manage`` may do to other plugins, each change agreed to by the user.

What always holds: nothing here gives a permission to anybody, installs anything or deletes data;
no plugin is changed by itself; what is done is done to the very version that the question showed,
by a plugin that holds the permission at that moment, and is on record with who decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.host.confirmation import Confirmations, Question, UnconfirmedError, Verdict
from yesman.host.consent import narrowed
from yesman.model.errors import PermissionDeniedError
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.caller import CommandCaller
    from yesman.host.grants import Grants
    from yesman.host.installer import Installer
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record

EFFECTS = {
    "enable": "It may run again and use all that it was granted",
    "disable": "It is ended, and its commands are gone until it is enabled again",
    "restart": "What it does not finish within seconds is cut short",
    "remove": "Its commands, settings and grants are gone; its data is kept",
    "revoke": "It is ended now if it runs, and loses this permission and all that is within it",
}
BY_PLUGIN = "plugin '{}', the user agreed"


class Management:
    """Shows plugins to plugins and changes them.

    Args:
        manager: The plugins.
        installer: Changes what is installed.
        grants: Changes what is granted.
        home: The user's real home, for comparing permissions.
        confirmations: Asks the user.
    """

    def __init__(
        self,
        manager: PluginManager,
        installer: Installer,
        grants: Grants,
        home: str,
        confirmations: Confirmations | None = None,
    ) -> None:
        self._manager = manager
        self._installer = installer
        self._grants = grants
        self._home = home
        self._confirmations = confirmations or Confirmations()

    def all(self) -> list[dict[str, Any]]:
        """Return every installed plugin."""
        return [self.one(name) for name in self._manager.registry.all()]

    def one(self, name: str) -> dict[str, Any]:
        """Return one plugin.

        Raises:
            NotFoundError: It is not installed.
        """
        record = self._manager.registry.get(name)
        state, reason = self._manager.state(name)
        return {
            "name": name,
            "version": record.version,
            "state": state,
            "reason": reason,
            "description": str(record.manifest.get("description", "")),
            "enabled": record.enabled,
            "grants": list(map(str, record.granted())),
        }

    async def change(
        self, plugin: str, operation: str, target: str, caller: CommandCaller | None, permission: str = ""
    ) -> None:
        """Do ``operation`` to ``target`` for ``plugin``, if it changes anything and the user agrees.

        Raises:
            NotFoundError: The target is not installed.
            UsageError: The permission is none, or only a part of a grant.
            UnconfirmedError: The user did not agree or could not be asked.
            PermissionDeniedError: The target is the plugin itself, or things changed meanwhile.
        """
        if target == plugin:
            raise PermissionDeniedError(f"plugin '{plugin}' may manage other plugins, not itself")
        record = self._manager.registry.get(target)
        if not self._changes_anything(operation, target, record, permission):
            return
        effect = EFFECTS[operation]
        question = Question(plugin, operation, target, record.version, permission, effect)
        await self._agreed(question, caller)
        if self._manager.registry.all().get(target) != record or not self.may_manage(plugin):
            raise PermissionDeniedError(f"plugins changed while the user was asked to {question.what}")
        await self._operations()[operation](question)

    def may_manage(self, plugin: str) -> bool:
        """Tell whether ``plugin`` holds the permission at this moment."""
        return any(granted.name == "plugin.manage" for granted in self._manager.registry.granted(plugin))

    def _changes_anything(self, operation: str, target: str, record: Record, permission: str) -> bool:
        if operation == "revoke":
            return narrowed(record, (permission,), self._home) != record.granted()
        if operation == "enable":
            return not record.enabled or self._manager.supervisor.history(target).quarantined
        if operation == "disable":
            return record.enabled
        return operation != "restart" or self._manager.pid(target) is not None

    async def _agreed(self, question: Question, caller: CommandCaller | None) -> None:
        verdict = await self._confirmations.ask(question, caller)
        recorder = self._manager.recorder
        if verdict.by_user:
            answer = "yes" if verdict is Verdict.YES else "no"
            recorder.decision("answer", question.plugin, question.what, answer=answer, by="terminal")
            await recorder.kept()
        else:
            recorder.denial(question.plugin, f"{question.what}: {verdict.value}", 1, "host")
        if verdict is not Verdict.YES:
            raise UnconfirmedError(
                f"plugin '{question.plugin}' may not {question.what}, because {verdict.value}",
                f"To do it yourself: {_command(question)}",
            )

    def _operations(self) -> dict[str, Callable[[Question], Awaitable[object]]]:
        installer = self._installer
        return {
            "enable": lambda q: installer.set_enabled(q.target, enabled=True, by=BY_PLUGIN.format(q.plugin)),
            "disable": lambda q: installer.set_enabled(
                q.target, enabled=False, by=BY_PLUGIN.format(q.plugin)
            ),
            "restart": lambda q: self._restart(q.target),
            "remove": lambda q: installer.remove(q.target, purge=False),
            "revoke": lambda q: self._grants.revoke(q.target, (q.permission,), BY_PLUGIN.format(q.plugin)),
        }

    async def _set_enabled(self, question: Question, *, enabled: bool) -> None:
        by = BY_PLUGIN.format(question.plugin)
        await self._installer.set_enabled(question.target, enabled=enabled, by=by)

    async def _restart(self, name: str) -> None:
        await self._manager.stop(name)
        await self._manager.activate(name)


def _command(question: Question) -> str:
    """Return what the user would type to do the same."""
    if question.operation == "restart":
        return f"yesman plugin disable {question.target}; yesman plugin enable {question.target}"
    words = (question.operation, question.target, question.permission)
    return f"yesman plugin {' '.join(argument(word) for word in words if word)}"
