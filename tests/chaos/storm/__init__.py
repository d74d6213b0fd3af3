"""Faults as data, the scene they strike in, and what is looked at while they do."""
