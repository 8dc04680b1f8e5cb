"""Backups of an app's stores and files, their restores, and the proof that they are good.

Standard library only: this is the program that a host runs by itself. ``docs/backups.md`` describes what it makes.
"""
