"""A marketplace on this machine that holds every example plugin: ``make market``.

Each is packed, signed and published as any author does it, so what is served was scanned and verified. All
lies in one folder, and is taken up again the next time: what is published already stays as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import yaml

from yesman.trust.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[1]
REGISTRY = "examples"
ADDRESS = re.compile(r"http://\S+?(?=\.\s)")


class Market:
    """The folder of a marketplace, its keys and the home of its only author.

    Args:
        folder: Where it lies, or will.
    """

    def __init__(self, folder: Path) -> None:
        self.server = folder / "server"
        self.sources = folder / "sources"
        self._home = folder / "home"

    def run(self, *arguments: str, **environ: str) -> bytes:
        """Run a command as the author and return what it prints."""
        env = os.environ | {"YESMAN_HOME": str(self._home)} | environ
        argv = [sys.executable, "-m", "yesman", *arguments]
        ran = subprocess.run(argv, env=env, stdout=subprocess.PIPE, check=False, cwd="/")
        if ran.returncode:
            raise SystemExit(ran.returncode)
        return ran.stdout

    def yesman(self, *arguments: str, **environ: str) -> Any:
        """Run a command as the author and return the JSON that it prints."""
        return json.loads(self.run(*arguments, "--json", **environ))

    def open(self) -> None:
        """Make what is not there yet: the marketplace, and its author's key."""
        if not (self.server / "market.json").exists():
            small = ("--small", "--root-keys", "1", "--threshold", "1")
            self.yesman("market", "init", str(self.server), *small)
        if not (self._home / "author_keys.json").exists():
            self.yesman("plugin", "keys", "create", "--no-passphrase")

    def trust(self, address: str) -> str:
        """Have the author trust it at ``address``; return the command by which others do."""
        root = self.server / "root.json"
        given = ("--root", str(root), "--name", REGISTRY, "--fingerprint", fingerprint(root.read_bytes()))
        add = ("market", "add", address, *given)
        known = {row["name"]: row["url"] for row in self.yesman("market", "list")}
        if known.get(REGISTRY) not in {None, address}:
            self.yesman("market", "remove", REGISTRY)
        if known.get(REGISTRY) != address:
            self.yesman(*add)
        return shlex.join(("yesman", *add))

    def publish(self, example: Path, token: str) -> str:
        """Publish one example; return what is to be said of it."""
        about = yaml.safe_load((example / "plugin.yaml").read_text("utf-8"))
        package = self.sources / f"{about['name']}-{about['version']}.yplug"
        if not package.exists():  # the same package as before, if there was one: what is published is sealed
            source = self.sources / about["name"]
            source.parent.mkdir(exist_ok=True)
            shutil.copytree(example, source, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            self.yesman("plugin", "pack", str(source), "-o", str(package))
            self.yesman("plugin", "sign", str(package))
        self.yesman("plugin", "publish", str(package), "--registry", REGISTRY, YESMAN_MARKET_TOKEN=token)
        return f"{about['name']} {about['version']}"


def main() -> int:
    """Open, seed and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".market", help="where it lies")
    parser.add_argument("--listen", default="127.0.0.1:8420", metavar="HOST:PORT")
    given = parser.parse_args()
    market = Market(given.folder.resolve())
    market.open()
    argv = [sys.executable, "-m", "yesman", "market", "serve", str(market.server), "--listen", given.listen]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as server:
        try:
            return _seed(market, server)
        except KeyboardInterrupt:
            return 0
        finally:
            server.send_signal(signal.SIGTERM)


def _seed(market: Market, server: subprocess.Popen[str]) -> int:
    said = server.stderr.readline() if server.stderr else ""
    found = ADDRESS.search(said)
    if found is None:
        print(f"market: {said.strip() or 'the server did not start'}", file=sys.stderr)
        return 1
    # A pipe that nobody reads is full some day, and then the server stands still.
    threading.Thread(target=shutil.copyfileobj, args=(server.stderr, sys.stderr), daemon=True).start()
    command = market.trust(found[0])
    scopes = ("--scope", "publish", "--scope", "keys")
    token = market.yesman("market", "token", str(market.server), "examples", *scopes, "--days", "1")["token"]
    try:
        for example in sorted(path.parent for path in (ROOT / "examples").glob("*/plugin.yaml")):
            print(f"published {market.publish(example, token)}", flush=True)
    finally:
        market.run("server", "stop")
    print(
        f"\nThe marketplace is at {found[0]}. Ctrl-C stops it. To install from it:\n\n  {command}", flush=True
    )
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
