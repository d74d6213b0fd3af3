"""Imports that every plugin process shares, made once in the zygote.

Not here, on purpose: ``multiprocessing`` (its authkey would be shared by all plugins) and
anything outside the standard library. ``ssl`` comes with asyncio; no context and no random
byte is ever made here, so forks share none (OpenSSL also reseeds after a fork).
"""

from __future__ import annotations

import asyncio
import importlib
import json

from yesman.sandbox.policy import Policy
from yesman.wire.frames import FrameReader, Kind, pack

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


REHEARSALS = 10
"""Python 3.11 rewrites a function's code in place after eight calls; each rewrite in a child would copy a page."""


def everything() -> None:
    """Import :data:`MODULES` and rehearse what every child does first."""
    for name in MODULES:
        importlib.import_module(name)
    for _ in range(REHEARSALS):
        _rehearse()


def _rehearse() -> None:
    """Do, without any effect that lasts, what a child does between fork and load."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    policy = Policy(plugin="none", code="/", packages="", data="/", tmp="/")
    Policy.from_data(json.loads(json.dumps(policy.as_data())))
    list(FrameReader().feed(pack(Kind.HELLO, 0, {"protocol": 1})))
    compile("class Nothing:\n    def f(self):\n        return [1]\n", "none", "exec")
