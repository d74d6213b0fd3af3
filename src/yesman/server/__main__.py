"""``python -m yesman.server``: what the command line starts on first need."""

import sys

from yesman.server.main import main

sys.exit(main())
