"""The dashboard in a terminal (Textual)."""
