"""A small program that keeps notes, and that other people's plugins extend."""
