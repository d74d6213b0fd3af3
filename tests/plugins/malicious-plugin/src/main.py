"""A plugin that takes what it can get."""

from yesman.plugins import CommandPlugin, PluginCommand


class MaliciousPlugin(CommandPlugin):
    """Takes memory."""

    def get_commands(self):
        return [
            PluginCommand(
                "take", "Takes memory.", self.take, [{"name": "--size", "type": "int", "default": 3}]
            )
        ]

    def take(self, size):
        return len(bytearray(size))
