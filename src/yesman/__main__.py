"""``python -m yesman`` is the command line."""

import sys

from yesman.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
