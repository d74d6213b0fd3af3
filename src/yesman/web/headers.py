"""The headers under which a browser gets pages of ours. What always holds: no page of ours can be framed."""

from __future__ import annotations

from typing import Final

HEADERS: Final = {
    "x-content-type-options": "nosniff",
    # Not no-referrer: a form's Origin would be "null" (Fetch, 3.2), by which forgeries are told from our own.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
FOREVER: Final = "public, max-age=31536000, immutable"


def policy(**more: str) -> str:
    """Return a Content-Security-Policy that allows nothing but our own style sheets, pictures and forms.

    Args:
        more: Further directives, or others in their place, with ``_`` for ``-``.
    """
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    rules |= {name.replace("_", "-"): value for name, value in more.items()}
    return "; ".join(f"{name} {value}" for name, value in rules.items())
