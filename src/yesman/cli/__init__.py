"""The command line: thin, and quick to start.

What always holds: nothing here imports more than the command at hand needs. ``yesman --help``
needs no Click, a plugin's command nothing of the host but its index.
"""
