"""Imports that every plugin process shares, made once in the zygote.

Not here, on purpose: ``multiprocessing`` (its authkey would be shared by all plugins) and
anything outside the standard library. ``ssl`` comes with asyncio; no context and no random
byte is ever made here, so forks share none (OpenSSL also reseeds after a fork).
"""

from __future__ import annotations

import importlib
import sys

MODULES = (
    "argparse",
    "ast",
    "asyncio",
    "base64",
    "collections.abc",
    "concurrent.futures",
    "concurrent.futures.thread",
    "contextvars",
    "csv",
    "ctypes",
    "dataclasses",
    "datetime",
    "decimal",
    "email.message",
    "email.parser",
    "enum",
    "faulthandler",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "logging",
    "pathlib",
    "random",
    "re",
    "secrets",
    "shlex",
    "shutil",
    "site",
    "socket",
    "statistics",
    "string",
    "struct",
    "subprocess",
    "tempfile",
    "textwrap",
    "threading",
    "traceback",
    "typing",
    "unicodedata",
    "urllib.parse",
    "urllib.request",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
    "zoneinfo",
    "encodings.idna",
    "encodings.latin_1",
    "yesman.plugins",
    "yesman.worker.serve",
)


def everything() -> None:
    """Import :data:`MODULES`, after which nothing more of ours can be imported.

    Our own folder is out of a plugin's reach; without this ``import yesman.host`` there would
    fail with PermissionError instead of the ImportError that programs expect.
    """
    for name in MODULES:
        importlib.import_module(name)
    for name, module in sys.modules.items():
        if name.partition(".")[0] == "yesman" and hasattr(module, "__path__"):
            module.__path__ = []
