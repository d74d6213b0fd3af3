"""session-journal: what happened to sessions, as Markdown."""
