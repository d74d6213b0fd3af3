"""A server in a home of its own, plugin folders made on the spot, and proof that nothing outlives them."""

from __future__ import annotations

from hosted.fixtures import (  # noqa: F401 - tests ask for them by name
    cold,
    environ,
    home,
    hook,
    mounted,
    orphans,
    plugins,
    server,
    until,
    wheel,
)
