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

from yesman.worker import debugging, denials
from yesman.worker.sources import read_sources_only

if TYPE_CHECKING:
    from yesman.sandbox.policy import Policy
    from yesman.worker.denials import Denials


def adopt(policy: Policy) -> Denials:
    """Point this interpreter at the plugin's code and packages and forget what forks share.

    Returns:
        What refuses, and notes that (:func:`yesman.worker.denials.install`).
    """
    faulthandler.enable()
    installed = denials.install(policy)
    random.seed()
    tempfile.tempdir = policy.tmp
    sys.argv = [policy.plugin]
    sys.dont_write_bytecode = True
    sys.breakpointhook = debugging.breakpoint_hook
    site.setquit()
    site.sethelper()
    if policy.packages:
        sys.prefix = sys.exec_prefix = policy.packages
        sys.path.append(policy.packages)
        site.addsitedir(policy.packages)
    read_sources_only(policy.code)
    sys.path.insert(0, policy.code)
    return installed
