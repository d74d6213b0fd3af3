"""A real browser, and the dashboard that it is shown."""
