"""May an installed plugin be started at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yesman
from yesman.model.errors import NeedsConfigError, UsageError
from yesman.model.manifest import check_host_version

if TYPE_CHECKING:
    from yesman.host.registry import Record


def check_ready(name: str, record: Record, missing: tuple[str, ...]) -> None:
    """Refuse to start a plugin that is disabled, lacks settings or was made for another yesman.

    Args:
        name: The plugin.
        record: What is installed.
        missing: Required settings without a value.

    Raises:
        UsageError: It is disabled, or not made for this version.
        NeedsConfigError: Settings are missing.
    """
    if not record.enabled:
        raise UsageError(f"plugin '{name}' is disabled", f"Enable it: yesman plugin enable {name}")
    if missing:
        value = "" if missing[0] in record.parsed_manifest().config.secrets else " VALUE"
        raise NeedsConfigError(
            f"plugin '{name}' needs the setting '{missing[0]}'",
            f"Set it: yesman plugin config {name} {missing[0]}{value}",
        )
    check_host_version(record.parsed_manifest(), yesman.__version__)
