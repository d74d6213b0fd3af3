"""The plugin's package."""
