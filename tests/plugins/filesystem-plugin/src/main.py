"""A plugin that reads files."""

from pathlib import Path

from yesman.plugins import PluginBase


class FilesystemPlugin(PluginBase):
    """Reads whatever it is told to."""

    def read_file(self, path):
        return Path(path).read_text()

    def own_file(self):
        return (Path(self.context.plugin_dir) / "plugin.yaml").read_text()

    def fail(self):
        raise KeyError("nothing")

    def _private(self):
        return "secret"
