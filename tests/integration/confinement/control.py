"""Runs a plugin folder without any sandbox, to show that its code does what the sandbox refuses.

Not a test: started by path with the interpreter that plugins run on. Prints what the plugin's
command ``go`` returned, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys


def main(package: str, root: str) -> None:
    sys.path[:0] = [package, f"{root}/code"]
    from src.main import Demo  # noqa: PLC0415 - the folder is known only now

    from yesman.plugins import PluginContext  # noqa: PLC0415 - same

    plugin = Demo(
        PluginContext(
            plugin_id="demo",
            plugin_dir=f"{root}/code",
            config={},
            logger=logging.getLogger(),
            session_manager=None,  # type: ignore[arg-type]  # not used here
            tmux_manager=None,  # type: ignore[arg-type]  # same
            event_bus=None,  # type: ignore[arg-type]  # same
            data_dir=f"{root}/data",
        )
    )
    asyncio.run(plugin.initialize())
    print(json.dumps(plugin.go()))  # noqa: T201 - its output


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
