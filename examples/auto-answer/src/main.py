"""The plugin: one hook that votes, and a command that tells how it would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.plugins import Allow, Deny, HookPlugin, PluginCommand

from .rules import DENY, parse, verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins import Event, PluginContext

YES = "Yes"
"""The answer that allows this one use; "Yes, and don't ask again" is never chosen."""


class AutoAnswerPlugin(HookPlugin):
    """Votes by the rules in its settings; without rules it never votes.

    Raises:
        ValueError: On construction, when a rule cannot be read. The plugin is not started then, so
            every prompt is left to a person.
    """

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self.rules = tuple(parse(text) for text in context.config.get("rules", ()))

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the one hook."""
        return {"prompt.answering": self.on_prompt}

    def get_commands(self) -> list[PluginCommand]:
        """Return the one command."""
        options: list[dict[str, Any]] = [
            {"name": "--tool", "default": "Bash", "help": "The agent's name of the tool."},
            {"name": "--about", "required": True, "help": "The command, file or address."},
        ]
        return [
            PluginCommand("would-answer", "Tell what your rules say to a prompt", self.would_answer, options)
        ]

    def on_prompt(self, event: Event) -> Allow | Deny | None:
        """Vote on one prompt."""
        prompt = event.payload["prompt"]
        rule = verdict(self.rules, prompt)
        if rule is None:
            return None
        self.logger.info("%s by the rule '%s'", prompt.get("tool"), rule)
        if rule.answer == DENY:
            return Deny(f"rule '{rule}'")
        return Allow(YES) if YES in (option["label"] for option in prompt["options"]) else None

    def would_answer(self, tool: str, about: str) -> dict[str, Any]:
        """Print which rule would decide.

        Returns:
            ``{"answer": "allow", "deny" or None, "rule": its text or None}``.
        """
        rule = verdict(self.rules, {"tool": tool, "command": about})
        print(f"{rule.answer}: by the rule '{rule}'" if rule else "nothing: a person is asked")  # noqa: T201  # a command's output
        return {"answer": rule and rule.answer, "rule": rule and str(rule)}
