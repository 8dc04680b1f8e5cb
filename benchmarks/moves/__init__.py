"""Moves beside the same by hand."""
