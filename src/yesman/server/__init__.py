"""The one process with authority: it owns sessions, plugins and grants, and never runs plugin code."""
