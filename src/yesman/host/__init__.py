"""Many plugins: what is installed, what it may do, and who runs."""
