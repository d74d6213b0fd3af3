"""A command: yesman ${name}."""

from __future__ import annotations

from yesman.plugins import CommandPlugin, PluginCommand


class ${class_name}(CommandPlugin):
    """Made once, in a sandbox of its own, when a command is first used."""

    def get_commands(self) -> list[PluginCommand]:
        """Name the commands. This is asked at install too, so that --help never starts the plugin."""
        return [
            PluginCommand(
                name="${name}",
                description="Greet somebody from the current session",
                handler=self.greet,
                options=[{"name": "--to", "default": "world", "help": "Whom to greet."}],
            )
        ]

    async def greet(self, to: str) -> dict[str, str]:
        """Run the command; there is one parameter for each option.

        What is printed is what people see. What is returned is for programs: yesman ${name} --json
        """
        session = self.context.session_manager.get_current_session()  # needs session.read
        greeting = f"Hello {to}, this is session {session.name}."
        print(greeting)
        return {"greeting": greeting, "session": session.name}
