"""For each rule that code follows, and for each of secrets: what it is for, and what is nearly so."""

from __future__ import annotations

import base64
import json
import random
import string

from yesman.scan.secrets import checksum

_LETTERS = string.ascii_letters + string.digits


def random_text(length: int, letters: str = _LETTERS) -> str:
    """Text that nobody made by hand, the same each time."""
    return "".join(random.Random(length).choices(letters, k=length))  # noqa: S311 - no secret is made


def signed_text(prefix: str) -> str:
    """A token with its checksum, as GitHub and npm make them."""
    body = random_text(30)
    return f"{prefix}_{body}{checksum(body)}"


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


_JWT = ".".join(
    (_word(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()), "eyJ" + random_text(30), random_text(43))
)
_MACAROON = "pypi-" + _word(b"\x02\x01\x08pypi.org\x02" + bytes(range(80)))
_PEM = "-----BEGIN {} KEY-----\n" + "\n".join(random_text(64) for _ in range(3))
_SELECTORS = "".join(chr(0xE0100 + number) for number in b"payload")
_TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "run this")

SAMPLES: dict[str, tuple[object, object]] = {
    "exec-decoded": (
        "import zlib\ndef load(data):\n    text = zlib.decompress(data)\n    exec(text)\n",
        "import zlib\ndef load(data):\n    return zlib.decompress(data)\n",
    ),
    "exec-fetched": (
        "def run(s):\n    data = s.recv(4096)\n    exec(data)\n",
        "def run(s):\n    return s.recv(4096)\n",
    ),
    "exec-dynamic": ("def run(text):\n    return eval(text)\n", 'TWO = eval("1 + 1")\n'),
    "name-assembled": (
        'import os\ngetattr(os, "sys" + "tem")("true")\n',
        'import os\nNAME = "sys" + "tem"\ngetattr(os, "getpid")()\n',
    ),
    "name-computed": (
        "import os\ndef call(name):\n    return getattr(os, name)()\n",
        "def call(it, name):\n    return getattr(it, name)()\n",
    ),
    "import-dynamic": (
        "import importlib\ndef get(name):\n    return importlib.import_module(name)\n",
        'import importlib\nJSON = importlib.import_module("json")\n',
    ),
    "import-hook": ("import sys\nsys.meta_path.insert(0, None)\n", "import sys\nPATHS = list(sys.path)\n"),
    "code-object": ("import types\ndef make(*a):\n    return types.CodeType(*a)\n", "import types\nIT = types.SimpleNamespace()\n"),
    "native-code": ("import ctypes\n", "import struct\n"),
    "unpickling": ("import pickle\ndef get(d):\n    return pickle.loads(d)\n", "import pickle\ndef put(d):\n    return pickle.dumps(d)\n"),
    "permission-missing": (
        'import subprocess\nsubprocess.run(["ls"])\n',
        {"src/main.py": 'import subprocess\nsubprocess.run(["ls"])\n', "plugin.yaml": "+permissions: [system.execute]\n"},
    ),
    "source-unreadable": ({"src/old.py": "print 'x'\n"}, {"src/old.py": "print('x')\n"}),
    "source-encoding": ("# -*- coding: utf-7 -*-\n", "# -*- coding: utf-8 -*-\n"),
    "source-null": ("X = 1\n\0\n", "X = '\\0'\n"),
    "source-unchecked": ("X = " + "-" * 20_000 + "1\n", "X = " + "-" * 20 + "1\n"),
    "character-direction": ('X = "a\u202eb"\n', 'X = "\\u202e"\n'),
    "character-tag": ({"README.md": f"Hello{_TAGS}\n"}, {"README.md": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\n"}),
    "character-selectors": (f'X = "{_SELECTORS}"\n', 'X = "\u2764\ufe0f \U0001f468\u200d\U0001f4bb"\n'),
    "character-invisible": ('X = "ad\u200bmin"\n', 'X = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"\n'),
    "character-invisible-run": ('X = "' + "\u200b\u200c" * 8 + '"\n', 'X = "\u0645\u200c\u062e"\n'),
    "character-private": ('X = "' + "\ue000\ue001" * 8 + '"\n', 'X = "\ue0b0 \uf113"\n'),
    "character-control": ('X = "a\x08b"\n', 'X = "a\\x08b"\n'),
    "identifier-disguised": ("\u0430dmin = 1\n", "\u0430\u0434\u043c\u0438\u043d = '\u0430dmin'\n"),
    "host-disguised": ({"README.md": "https://g\u0456thub.com/x\n"}, {"README.md": "https://m\u00fcnchen.de/x\n"}),
    "text-undecodable": ({"README.md": b"caf\xe9\n"}, {"README.md": "caf\u00e9\n"}),
    "text-unchecked": ({"docs/a.txt": "\u00e9" * (5 << 20)}, {"docs/a.txt": "e" * (9 << 20)}),
    "secret-private-key": ({"assets/key": _PEM.format("RSA PRIVATE")}, {"assets/key": _PEM.format("PUBLIC")}),
    "secret-github": (f'X = "{signed_text("ghp")}"\n', f'X = "ghp_{random_text(36)}"\n'),
    "secret-gitlab": (f'X = "glpat-{random_text(20)}"\n', 'X = "glpat-xxxxxxxxxxxxxxxxxxxx"\n'),
    "secret-aws": ('X = "AKIAQ3EGRTUZ6SWHFKN7"\n', 'X = "AKIAIOSFODNN7EXAMPLE"\n'),
    "secret-pypi": (f'X = "{_MACAROON}"\n', f'X = "pypi-AgE{random_text(70)}"\n'),
    "secret-npm": (f'X = "{signed_text("npm")}"\n', f'X = "npm_{random_text(36)}"\n'),
    "secret-models": (f'X = "sk-ant-api03-{random_text(93)}"\n', 'X = "sk-ant-api03-your-key-here"\n'),
    "secret-chat": (f'X = "xoxb-1029384756-{random_text(24)}"\n', 'X = "xoxb-your-token"\n'),
    "secret-payment": (f'X = "sk_live_{random_text(24)}"\n', f'X = "sk_test_{random_text(24)}"\n'),
    "secret-token": (f'X = "{_JWT}"\n', f'X = "eyJ{random_text(30)}.eyJ{random_text(30)}.{random_text(43)}"\n'),
    "secret-in-address": ('X = "postgres://app:Zx9kQ2vLm4@db.internal/x"\n', 'X = "postgres://user:password@localhost/x"\n'),
    "secret-assigned": (f'api_key = "{random_text(40)}"\n', 'api_key = "set-this-in-the-settings-of-the-plugin"\n'),
}  # fmt: skip  # rows of a table
