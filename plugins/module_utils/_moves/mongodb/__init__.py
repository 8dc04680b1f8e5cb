"""Moves of MongoDB: documents as the bytes that they are, followed by what the server says of its changes."""
