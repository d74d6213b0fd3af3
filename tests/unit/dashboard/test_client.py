"""A dashboard talks to a server of its own user, or to none."""

from __future__ import annotations

import os
import socket

import pytest

from yesman.dashboard.client import Client
from yesman.model.errors import PlatformError, VerificationError


async def test_where_nobody_listens_it_says_how_to_start_a_server(tmp_path):
    with pytest.raises(PlatformError, match="The server does not answer") as refused:
        await Client.open(tmp_path / "s")
    assert refused.value.next_step == "Start it: yesman server start"


async def test_a_server_of_another_user_is_told_nothing(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        real = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: real + 1)
        with pytest.raises(VerificationError, match=f"served by the user with number {real}"):
            await Client.open(tmp_path / "s")
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(100) == b""
