"""A real server, and a registry in a folder that it trusts."""

from __future__ import annotations

import pytest
from hosted import fixtures
from registered.customer import Customer
from registered.shop import Author, Shop

cold, environ, home, orphans = fixtures.cold, fixtures.environ, fixtures.home, fixtures.orphans
plugins, server, until, wheel = fixtures.plugins, fixtures.server, fixtures.until, fixtures.wheel


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path / "shop")


@pytest.fixture
def author():
    return Author()


@pytest.fixture
def make(plugins):
    """Make the folder of a plugin that says which version it is."""

    def folder(version="1.0.0", permissions=(), name="demo", **more):
        commands = {"which": "return (VERSION, os.getpid())"}
        return plugins.make(
            name,
            version=version,
            commands=commands,
            top=f"VERSION = {version!r}",
            permissions=list(permissions),
            **more,
        )

    return folder


@pytest.fixture
def customer(server, shop):
    return Customer(server, shop)
