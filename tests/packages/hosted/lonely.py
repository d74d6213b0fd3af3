"""A network namespace in which no interface is up, not even the one to oneself."""

from __future__ import annotations

import os


def alone() -> list[str]:
    """Return how to run a program in one; what it starts is in there too.

    A plain user may make one only with a user namespace, in which they stay who they are.
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    return ["unshare", *user, "--net"]
