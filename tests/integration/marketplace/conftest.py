"""Every test here runs twice: on SQLite and a folder, and on PostgreSQL and S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from marketed.market import Market
from marketed.services import new_database, new_storage, postgresql, s3

from yesman.marketplace.place import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KINDS = ("embedded", "grown")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def s3_end() -> Iterator[str]:
    with s3() as end:
        yield end


def settings_of(kind: str, request: pytest.FixtureRequest) -> Settings:
    """Return new places of one kind; the services are started when first wanted."""
    if kind == "embedded":
        return Settings()
    database = new_database(request.getfixturevalue("postgresql_url"))
    return Settings(database=database, storage=new_storage(request.getfixturevalue("s3_end")))


@pytest.fixture
def places(request: pytest.FixtureRequest) -> Callable[[str], Settings]:
    """How a test gets new places of a kind that it names."""
    return lambda kind: settings_of(kind, request)


@pytest.fixture(scope="session", params=KINDS)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A running marketplace that all tests share; each uses names of its own."""
    market = Market(tmp_path_factory.mktemp("market"), settings_of(request.param, request))
    yield market.start()
    market.close()


@pytest.fixture
def market(shared: Market) -> Market:
    return shared


@pytest.fixture(params=KINDS)
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Market]:
    """A marketplace of the test's own, not started yet."""
    made = Market(tmp_path / "market", settings_of(request.param, request))
    yield made
    made.close()
