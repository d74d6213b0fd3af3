"""Coding agents in panes: what state they are in and what they ask. Claude Code first.

Nothing is imported here: an agent starts :mod:`yesman.agents.event` at every event, and it must be quick.
"""
