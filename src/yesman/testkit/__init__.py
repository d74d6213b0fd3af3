"""What tests of plugins use: real plugins in the real sandbox, without a server.

Authors import it as ``yesman.plugins.testing``. Never part of a sandbox of a plugin. What is heavy is
imported when it is used: test files are imported in the sandbox too, for the functions they hold.
"""

from yesman.testkit.case import PluginTestCase
from yesman.testkit.exchange import ExternalApi, Reply, Request
from yesman.testkit.loading import PluginUnderTest, load_plugin
from yesman.testkit.sources import load_source
from yesman.testkit.trees import parts

__all__ = [
    "ExternalApi",
    "PluginTestCase",
    "PluginUnderTest",
    "Reply",
    "Request",
    "load_plugin",
    "load_source",
    "parts",
]
