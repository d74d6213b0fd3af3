"""The provider interfaces as data: what may be called, with which arguments, for which result.

Derived from the classes of the author API, so neither can know a method that the other does not.
What always holds: arguments and results that passed here are JSON data of the declared types, and bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from yesman.model.errors import UsageError
from yesman.model.nearmiss import unknown
from yesman.plugins import INotificationProvider, IProvider, IVersionControlProvider
from yesman.plugins._proxies import operations

if TYPE_CHECKING:
    from abc import ABCMeta
    from collections.abc import Mapping
    from inspect import Parameter

MAX_ARGUMENTS: Final = 128 * 1024
"""Bytes of the arguments of one call as JSON."""
MAX_RESULT: Final = 128 * 1024
"""Bytes of the result of one call as JSON; it must fit into one frame's body on its way to a plugin."""


class Operation(NamedTuple):
    """One method of an interface.

    Attributes:
        interface: The interface's name.
        name: The method's.
        parameters: The type of its arguments together.
        result: The type of what it returns.
    """

    interface: str
    name: str
    parameters: type[msgspec.Struct]
    result: Any

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``arguments`` with the defaults of those left out.

        Raises:
            UsageError: They do not fit, or are too large.
        """
        try:
            found = msgspec.convert(arguments, self.parameters)
        except msgspec.ValidationError as error:
            raise UsageError(f"'{self.name}' was called wrongly: {error}") from None
        size = len(msgspec.json.encode(found))
        if size > MAX_ARGUMENTS:
            raise UsageError(f"the arguments of '{self.name}' have {size} bytes, more than {MAX_ARGUMENTS}")
        return dict(msgspec.to_builtins(found))

    def read(self, value: object) -> Any:
        """Return what a provider answered.

        Raises:
            ValueError: It is not of the type that the interface names.
        """
        try:
            return msgspec.convert(value, self.result)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None

    def described(self) -> dict[str, Any]:
        """Return the method as people are shown it."""
        fields = msgspec.structs.fields(self.parameters)
        return {
            "name": self.name,
            "parameters": [
                {"name": f.name, "type": _spelled(f.type), "required": f.required} for f in fields
            ],
            "result": _spelled(self.result),
        }


def operation(interface: str, method: str) -> Operation:
    """Return a method of an interface; ``connect`` and ``disconnect`` are the host's own to call.

    Raises:
        UsageError: It has none of that name.
    """
    known = INTERFACES[interface]
    if method not in known:
        raise UsageError(*unknown(f"method of {interface}", method, known))
    return known[method]


def _operations(interface: ABCMeta) -> dict[str, Operation]:
    found = {}
    for name, signature in operations(interface).items():
        fields = [_field(parameter) for parameter in signature.parameters.values()]
        shape = msgspec.defstruct(name, fields, forbid_unknown_fields=True)
        found[name] = Operation(interface.__name__, name, shape, signature.return_annotation)
    return found


def _field(parameter: Parameter) -> tuple[str, Any] | tuple[str, Any, Any]:
    if parameter.default is parameter.empty:
        return parameter.name, parameter.annotation
    return parameter.name, parameter.annotation, parameter.default


def _spelled(annotation: Any) -> str:
    if annotation is None:
        return "nothing"
    return annotation.__name__ if annotation.__class__ is type else str(annotation)


INTERFACES: Final = {
    interface.__name__: _operations(interface)
    for interface in (IProvider, IVersionControlProvider, INotificationProvider)
}
"""Every interface that a manifest may name, by the name of its class."""
