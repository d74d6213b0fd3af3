"""What is wrong with a plugin's folder, found without running anything of it.

What always holds: code is parsed and never imported; every finding belongs to a rule
(:mod:`yesman.findings.rules`); a warning may err, an error does not; what could not be checked is
said and never taken for right.
"""
