"""What a plugin's package or folder contains, found before any of its code runs.

What always holds: what strangers wrote is read in a confined process only (:mod:`yesman.scan.program`),
which names rules and places; what a rule says and how bad it is, is decided here. A scanner that did
not do all of its work has ``failed``, which is never taken for ``passed``. Scanning is advice;
confinement is the boundary.
"""
