"""What tests of plugins import; it needs all of yesman and is never within a plugin's reach."""

from yesman.testkit import PluginTestCase, PluginUnderTest, load_plugin

__all__ = ["PluginTestCase", "PluginUnderTest", "load_plugin"]
