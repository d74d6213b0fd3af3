"""Makes the forked interpreter the plugin's own: paths, randomness, the helpers ``site`` adds.

Runs after confinement, because ``addsitedir`` executes ``.pth`` lines of the plugin's packages.
"""

from __future__ import annotations

import faulthandler
import random
import site
import sys
import tempfile
from typing import TYPE_CHECKING

from yesman.worker import denials

if TYPE_CHECKING:
    from collections import deque

    from yesman.sandbox.policy import Policy


def adopt(policy: Policy) -> deque[str]:
    """Point this interpreter at the plugin's code and packages and forget what forks share.

    Returns:
        Where refusals are noted (:func:`yesman.worker.denials.install`).
    """
    faulthandler.enable()
    refused = denials.install(policy)
    random.seed()
    tempfile.tempdir = policy.tmp
    sys.argv = [policy.plugin]
    sys.dont_write_bytecode = True
    site.setquit()
    site.sethelper()
    if policy.packages:
        sys.prefix = sys.exec_prefix = policy.packages
        sys.path.append(policy.packages)
        site.addsitedir(policy.packages)
    sys.path.insert(0, policy.code)
    return refused
