"""Carrying a store's data from where it lives to where the stage wants it. Standard library only: it runs on hosts."""
