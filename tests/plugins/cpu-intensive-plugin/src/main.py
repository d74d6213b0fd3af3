"""A plugin that computes."""

from yesman.plugins import PluginBase


class CpuIntensivePlugin(PluginBase):
    """Counts."""

    async def count(self, to):
        return sum(1 for _ in range(to))
