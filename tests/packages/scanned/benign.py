"""Plugins that do what honest plugins do, close to what others do dishonestly. Each asks for what it uses."""

from __future__ import annotations

import base64

_ASKS = "+permissions:\n"
_NET, _RUN = "  - network.external\n", "  - system.execute\n"
_READ, _WRITE = "  - filesystem.read\n", "  - filesystem.write\n"
_ICON = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4).decode()
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>\n'


def _with(asked: str, code: str) -> dict[str, str]:
    return {"plugin.yaml": _ASKS + asked, "src/main.py": code}


def _doc(text: str) -> dict[str, str]:
    return {"README.md": text}


def _cases() -> dict[str, object]:
    return {
        "nothing": {},
        "asks a web service": _with(_NET, 'import json, urllib.request as u\nD = json.load(u.urlopen("https://example.com/a"))\n'),
        "posts json": _with(_NET, 'import requests\ndef go(d):\n    requests.post("https://example.com", json=d)\n'),
        "sends one variable": _with(_NET, 'import os, requests\nrequests.get("https://example.com", headers={"A": os.environ["TOKEN"]})\n'),
        "downloads data": _with(_NET + _WRITE, 'import urllib.request as u\nu.urlretrieve("https://example.com/a.csv", "a.csv")\n'),
        "a TCP client": _with(_NET, 'import socket\ns = socket.create_connection(("example.com", 80))\ns.sendall(b"GET /")\n'),
        "a webhook of the user's": _with(_NET, 'import requests\ndef go(c):\n    requests.post(c["webhook_url"], json={"content": "hi"})\n'),
        "imports for type checkers": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import requests\n",
        "runs git": _with(_RUN, 'import subprocess\nsubprocess.run(["git", "status"], check=True)\n'),
        "runs a shell command": _with(_RUN, 'import subprocess\nsubprocess.run("ls -l | wc -l", shell=True)\n'),
        "pipes from curl": _with(_RUN, 'import subprocess\nsubprocess.run("curl -s https://example.com/a.json | jq .", shell=True)\n'),
        "makes a script executable": _with(_WRITE, 'import os\nos.chmod("/srv/x.sh", 0o755)\n'),
        "reads a configuration": _with(_READ, 'from pathlib import Path\nT = (Path.home() / ".config" / "x.toml").read_text()\n'),
        "reads the shell's start": _with(_READ, 'T = open("/home/x/.bashrc").read()\n'),
        "talks of keys": _doc("Put your SSH key where `ssh-add` finds it; `~/.ssh/id_ed25519` is never read.\n"),
        "decodes base64": "import base64\ndef go(d):\n    return base64.b64decode(d)\n",
        "an icon in base64": f'ICON = "{_ICON}"\n',
        "inflates": "import gzip\ndef go(d):\n    return gzip.decompress(d).decode()\n",
        "compiles a pattern": 'import re\nP = re.compile(r"(exec|eval)\\(")\n',
        "literal_eval": "import ast\ndef go(t):\n    return ast.literal_eval(t)\n",
        "names that end in exec": "def run_exec(cursor):\n    cursor.exec('x')\n    return cursor.execute('y')\n",
        "getattr by name": 'def go(it, name):\n    return getattr(it, f"on_{name}", None)\n',
        "joins texts": 'SQL = "select " + "name " + "from t"\nP = "/".join(["a", "b"])\n',
        "imports by its own name": 'from importlib import import_module\nJSON = import_module("json")\n',
        "hashes": "import hashlib\nH = hashlib.sha256(b'x').hexdigest()\n",
        "random tokens": "import secrets\nT = secrets.token_urlsafe(32)\n",
        "digests in a table": 'D = {"a": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}\n',
        "encrypts": "from cryptography.fernet import Fernet\ndef go(k, d):\n    return Fernet(k).encrypt(d)\n",
        "a setting that is a secret": 'def go(c):\n    token = c["github_token"]\n    return {"Authorization": f"Bearer {token}"}\n',
        "placeholders": 'API_KEY = "your-api-key-goes-here-please"\nURL = "postgres://user:password@localhost/db"\n',
        "emoji": 'STATES = {"busy": "\u23f3", "ok": "\u2705\ufe0f", "dev": "\U0001f468\u200d\U0001f4bb", "flag": "\U0001f1e9\U0001f1ea"}\n',
        "Russian": 'TEXT = "\u043f\u0440\u0438\u0432\u0435\u0442, \u0440\u043e\u0441\u0442 \u0438 \u0441\u043e\u0440"\n# \u043e\u0431\u044b\u0447\u043d\u044b\u0439 \u0442\u0435\u043a\u0441\u0442\n',
        "Greek names": "\u03b1 = 0.5\n\u0394t = \u03b1 * 2\n\u03c3\u00b2 = 1\n" .replace("\u00b2", "_2"),
        "Persian": _doc("# \u0633\u0644\u0627\u0645\n\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\n"),
        "Hebrew": _doc("# \u05e9\u05dc\u05d5\u05dd\u200f (yesman)\n"),
        "Japanese": _doc("# \u3053\u3093\u306b\u3061\u306f\n\u845b\U000e0100\u98fe\u533a\n"),
        "symbols of a terminal's font": 'BRANCH = "\ue0a0"\nARROW = "\ue0b0\ue0b1"\n',
        "a byte order mark": {"README.md": b"\xef\xbb\xbf# hello\n"},
        "Latin-1, declared": {"src/main.py": "# coding: latin-1\nX = 'caf\u00e9'\n".encode("latin-1"), "README.md": "# x\n"},
        "a prompt for a model": {"prompts/review.md": "You are a careful reviewer. Read the diff and list problems. Ask when in doubt.\n"},
        "texts about agents": _doc("The agent asks before it runs a command; you answer. See `CLAUDE.md` for the instructions it gets.\n<!-- agents: screenshot here -->\n"),
        "texts about attacks": _doc("It warns of reverse shells, miners and stolen credentials, such as those in `~/.aws`.\n"),
        "install instructions": _doc("```sh\nyesman plugin install hello\ncurl -O https://example.com/a.json\n```\n"),
        "writes notes for agents": _with(_WRITE, 'from pathlib import Path\nPath("notes/today.md").write_text("- done")\n'),
        "reads claude's settings": _with(_READ, 'import json\nS = json.load(open("/home/x/.claude/settings.json"))\n'),
        "a page": {"assets/panel.html": '<!doctype html><script src="panel.js"></script><p>hi</p>\n', "assets/panel.js": "fetch('data.json').then(r => r.json()).then(console.log)\n"},
        "a minified script": {"assets/a.min.js": "!function(e,t){e.x=t(0x10)}(this,function(n){return String.fromCharCode(65+n)});\n"},
        "a drawing": {"assets/icon.svg": _SVG},
        "a font": {"assets/a.woff2": b"wOF2\x00\x01\x00\x00" + bytes(500)},
        "an image": {"assets/a.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8},
        "data": {"assets/table.csv": "name,key\n" + "".join(f"n{n},{n * 7919 % 100003}\n" for n in range(3000))},
        "tests that try bad things": {"tests/test_x.py": "import pickle, subprocess\ndef test_x():\n    subprocess.run(['x'])\n    pickle.loads(b'')\n    eval(input())\n"},
    }  # fmt: skip  # rows of a table


BENIGN = _cases()
