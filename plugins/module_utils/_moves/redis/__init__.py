"""Moves of Redis: keys as the server dumps them, followed by its notifications of what has changed."""
