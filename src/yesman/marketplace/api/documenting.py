"""What OpenAPI must be told of the one request whose body is not JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType


def _package() -> RequestBody:
    schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
    content = {"application/octet-stream": OpenAPIMediaType(schema=schema)}
    return RequestBody(content=content, required=True, description="The package (.yplug)")


@dataclass
class PackageOperation(Operation):
    """A request whose body is a package."""

    request_body: RequestBody | None = field(default_factory=_package)

    def __post_init__(self) -> None:
        """Fill in what the framework leaves empty: it knows of no body here."""
        self.request_body = _package()
