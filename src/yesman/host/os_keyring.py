"""The OS keyring: the Secret Service (GNOME, KeePassXC, KWallet), or what the user told ``keyring`` to use.

What always holds: asking it never holds this process up nor brings anything of it in here; it is
asked by ``keyring_program``, which is killed when nobody answers in time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from yesman import process
from yesman.model.errors import PlatformError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.host.user_config import ConfigFile

PROGRAM = Path(__file__).with_name("keyring_program.py")
PATIENCE_SECONDS = 60.0
"""A person may be asked to unlock it."""
MOST_BYTES = 1 << 24
_STEP = "Unlock it and try again; or write 'secrets: file' into config.yaml and set the secret again"


class _Answer(msgspec.Struct):
    outcome: Literal["done", "none", "lost", "failed"]
    value: str = ""
    reason: str = ""


class OsKeyring:
    """Keeps texts by name.

    Args:
        service: What they are filed under; other homes of yesman have others.
        environ: In which the user's session is found.
        config: Says whether the user wants it used.
    """

    def __init__(self, service: str, environ: Mapping[str, str], config: ConfigFile) -> None:
        self._service = service
        self._environ = dict(environ)
        self._config = config

    async def store(self, name: str, value: str) -> bool:
        """Keep ``value``; False when there is no keyring here, or the user wants none.

        Raises:
            PlatformError: It is locked, refuses or does not answer.
        """
        if self._config.read().secrets == "file":
            return False
        return (await self._ask("store", name, value)).outcome == "done"

    async def load(self, name: str) -> str:
        """Return the value.

        Raises:
            VerificationError: It is not there any more.
            PlatformError: It is locked, refuses or does not answer, or there is none now.
        """
        answer = await self._ask("load", name)
        if answer.outcome == "none":
            raise PlatformError("the secret is in the keyring, and there is no keyring here", _STEP)
        if answer.outcome == "lost":
            raise VerificationError("the keyring no longer has the secret")
        return answer.value

    async def delete(self, name: str) -> bool:
        """Forget the value; False when there is no keyring now.

        Raises:
            PlatformError: It is locked, refuses or does not answer.
        """
        return (await self._ask("delete", name)).outcome != "none"

    async def _ask(self, verb: str, name: str, value: str = "") -> _Answer:
        question = {"verb": verb, "service": self._service, "name": name, "value": value}
        try:
            ended = await process.run(
                [sys.executable, "-I", str(PROGRAM)],
                cwd=Path("/"),
                env=self._environ,
                timeout=PATIENCE_SECONDS,
                limit=MOST_BYTES,
                input=msgspec.json.encode(question),
            )
            answer = msgspec.json.decode(ended.stdout, type=_Answer)
        except PlatformError as error:
            raise PlatformError(f"the keyring cannot be asked: {error.message}", _STEP) from None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise PlatformError("the keyring cannot be asked: it ended without an answer", _STEP) from None
        if answer.outcome == "failed":
            raise PlatformError(f"the keyring refuses: {answer.reason}", _STEP)
        return answer
