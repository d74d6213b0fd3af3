"""The application: handlers, their dependencies, errors and documentation, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

import yesman
from yesman.marketplace.api.front import Front
from yesman.marketplace.api.moderation import MODERATION
from yesman.marketplace.api.reading import READING
from yesman.marketplace.api.writing import WRITING, bearer
from yesman.marketplace.pages.failures import handlers
from yesman.marketplace.pages.forms import sent
from yesman.marketplace.pages.handlers import PAGES, made
from yesman.marketplace.pages.visiting import visitor

if TYPE_CHECKING:
    from yesman.marketplace.api.parts import Parts


def application(parts: Parts) -> Any:
    """Return the ASGI application of a server made of ``parts``."""
    pages = made(parts)
    dependencies = {
        "parts": Provide(lambda: parts, use_cache=True, sync_to_thread=False),
        "caller": Provide(bearer, sync_to_thread=True),
        "at": Provide(lambda: pages, use_cache=True, sync_to_thread=False),
        "visitor": Provide(visitor, sync_to_thread=True),
        "sent": Provide(sent),
    }
    inner = Litestar(
        route_handlers=[*READING, *WRITING, *MODERATION, *PAGES],
        dependencies=dependencies,
        exception_handlers=dict(handlers(pages.site)),
        openapi_config=_openapi(),
        request_max_body_size=parts.limits.body,
        logging_config=None,
    )
    return Front(parts, inner)


def _openapi() -> OpenAPIConfig:
    token = SecurityScheme(type="http", scheme="bearer", description="From the registry's operator")
    return OpenAPIConfig(
        title="yesman marketplace",
        version=yesman.__version__,
        path="/api",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        components=Components(security_schemes={"token": token}),
    )
