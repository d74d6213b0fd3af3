"""A plugin for the program ``notes``."""
