"""Packages that must be refused: one row each, with the sentence it must get."""

from __future__ import annotations

from hostile.contents import CONTENTS
from hostile.gzip_tricks import GZIP_TRICKS
from hostile.names import NAMES
from hostile.tar_tricks import TAR_TRICKS

CORPUS = (*GZIP_TRICKS, *TAR_TRICKS, *NAMES, *CONTENTS)
