"""One live plugin: how it is launched, spoken to, supervised and ended."""
