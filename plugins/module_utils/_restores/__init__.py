"""Databases that AWS runs, set back to a moment: into a new one beside the one in use, then the app is led there."""
