"""The one error of the sandbox layer; standard library only, because the child raises it too."""

from __future__ import annotations


class UnsupportedError(Exception):
    """This machine or kernel cannot enforce a layer of the sandbox. Never ignored: fail closed."""
