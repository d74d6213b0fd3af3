"""The program inside the sandbox.

Standard library, ``yesman.plugins``, ``yesman.wire`` and the confinement modules only: a
plugin may bring its own version of every other package in the world.
"""
