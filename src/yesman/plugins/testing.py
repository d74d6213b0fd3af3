"""What tests of plugins import; it needs all of yesman and is never within a plugin's reach."""

from yesman.testkit import (
    ExternalApi,
    PluginTestCase,
    PluginUnderTest,
    Reply,
    Request,
    load_plugin,
    load_source,
    parts,
)

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
