"""Pure values: what a plugin is, may do and costs. Nothing here does I/O."""
