"""Databases and caches, one file for each engine, by its own tools. Standard library only: this runs on hosts."""
