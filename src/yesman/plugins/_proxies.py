"""Stand-ins for providers that live elsewhere, made from the interface: one mechanism for host and plugins.

What always holds: a stand-in has the methods of its interface and no other way to the provider; arguments
are bound to the method's own signature before anything is sent.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from yesman.plugins._providers import IProvider
from yesman.plugins._returned import Returned

if TYPE_CHECKING:
    from abc import ABCMeta
    from collections.abc import Callable

    Forward = Callable[[str, dict[str, Any]], Any]

P = TypeVar("P", bound=IProvider)
LIFECYCLE: Final = ("connect", "disconnect")
"""What the host calls by itself."""


def operations(interface: ABCMeta) -> dict[str, inspect.Signature]:
    """Return what an interface is for: its methods beside :data:`LIFECYCLE`, by name, without ``self``."""
    names = sorted(name for name in interface.__abstractmethods__ if name not in LIFECYCLE)
    return {name: _signature(getattr(interface, name)) for name in names}


def stand_in(interface: Callable[..., P], forward: Forward) -> P:
    """Return an object of the class ``interface`` whose methods return ``forward(name, arguments)``.

    It may be awaited, which gives itself. A method called wrongly raises TypeError.
    """
    # Type checkers take an abstract class for a callable, and for a ``type[P]`` they do not.
    interface = cast("type[P]", interface)
    known = {**operations(interface), **dict.fromkeys(LIFECYCLE, inspect.Signature())}
    methods = {name: _forwarding(name, signature, forward) for name, signature in known.items()}
    made = type(interface.__name__, (Returned, interface), methods)
    return cast("P", made())


def _signature(method: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(method, eval_str=True)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _forwarding(name: str, signature: inspect.Signature, forward: Forward) -> Callable[..., Any]:
    def method(_self: object, *args: Any, **kwargs: Any) -> Any:
        return forward(name, dict(signature.bind(*args, **kwargs).arguments))

    method.__name__ = name
    return method
