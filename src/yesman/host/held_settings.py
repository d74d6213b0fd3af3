"""What installed plugins are set to: how it changes, and what a newcomer gets of it.

What always holds: what is returned to be recorded holds no secret, only references. A plugin from elsewhere
gets no secret that was set for the one it replaces, neither what that one's manifest calls a secret nor
what its own does.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.settings import secret_names
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.host.origin import Origin
    from yesman.host.registry import Record, Registry
    from yesman.host.settings import PluginSettings
    from yesman.model.config_schema import ConfigSchema
    from yesman.model.manifest import Manifest

_log = logging.getLogger("yesman.secrets")


class HeldSettings:
    """Settings by plugin; only the key that a record names counts.

    Args:
        registry: The records.
        settings: What they name.
    """

    def __init__(self, registry: Registry, settings: PluginSettings) -> None:
        self._registry = registry
        self._settings = settings

    def of(self, name: str) -> dict[str, Any]:
        """Return the settings of plugin ``name``, none when it is not installed."""
        record = self._registry.all().get(name)
        return self._settings.of(record.settings) if record else {}

    def inherited(self, manifest: Manifest, origin: Origin) -> dict[str, Any]:
        """Return what the plugin of ``manifest``, from ``origin``, gets of the one installed before."""
        known = {declared.name for declared in manifest.config.properties}
        left = known - set(self.withheld(manifest, origin))
        return {key: value for key, value in self.of(manifest.name).items() if key in left}

    def withheld(self, manifest: Manifest, origin: Origin) -> tuple[str, ...]:
        """Return the names of the secrets that it does not get, because the one before is from elsewhere."""
        record = self._registry.all().get(manifest.name)
        if record is None or origin.continues(record):
            return ()
        declared = record.parsed_manifest().config.secrets | manifest.config.secrets
        held = self.of(manifest.name)
        return tuple(key for key in held if key in declared | secret_names(held))

    async def merged(self, manifest: Manifest, origin: Origin, given: dict[str, str]) -> dict[str, Any]:
        """Return what the plugin is set to once it is installed: what it inherits, and ``given`` as text.

        Raises:
            UsageError: An unknown setting, or a value that does not fit.
            YesmanError: A secret cannot be kept.
        """
        return await self._checked(manifest.name, manifest.config, self.inherited(manifest, origin), given)

    async def changed(self, name: str, given: dict[str, str], unset: tuple[str, ...]) -> dict[str, Any]:
        """Return what plugin ``name`` is set to after a change. Raises as :meth:`merged`."""
        kept = {key: value for key, value in self.of(name).items() if key not in unset}
        return await self._checked(name, self._registry.get(name).parsed_manifest().config, kept, given)

    async def _checked(
        self, name: str, schema: ConfigSchema, kept: dict[str, Any], given: dict[str, str]
    ) -> dict[str, Any]:
        values = kept | {key: schema.parse_text(key, text) for key, text in given.items()}
        put_away = secret_names(values)
        schema.check({key: value for key, value in values.items() if key not in put_away})
        return await self._settings.sealed(name, schema, values, self.of(name))

    async def seal_plain(self) -> bool:
        """Put away secrets that lie in plain settings, as earlier versions left them; tell if there were any.

        Each plugin's change at one instant, when its record is replaced. What a keyring refuses goes
        into the file: it must not stay where it is.
        """
        before = dict(self._registry.all())
        for name, record in before.items():
            try:
                await self._seal_plain(name, record)
            except YesmanError as error:
                _log.error("the secrets of plugin '%s' are still in its plain settings: %s", name, error)
        return before != self._registry.all()

    async def _seal_plain(self, name: str, record: Record) -> None:
        held, schema = self.of(name), record.parsed_manifest().config
        sealed = await self._settings.sealed(name, schema, held, {}, anywhere=True)
        if sealed != held:
            key = self._settings.add(name, sealed)
            self._registry.put(name, msgspec.structs.replace(self._registry.get(name), settings=key))

    def keep(self) -> None:
        """Forget every set that no record names; what cannot be written now is forgotten another time."""
        with suppress(YesmanError):  # what nobody refers to does no harm
            self._settings.keep({record.settings for record in self._registry.all().values()})

    async def tidy(self) -> None:
        """Forget every secret that no set refers to, likewise. Only while nobody sets any."""
        self.keep()
        with suppress(YesmanError):
            await self._settings.tidy()
