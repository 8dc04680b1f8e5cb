"""A compose project and its files, brought to a host in one call. Standard library only: this runs on hosts."""
