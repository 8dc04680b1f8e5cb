"""A set of files, packages and systemd units that go onto a host in one call. Standard library only."""
