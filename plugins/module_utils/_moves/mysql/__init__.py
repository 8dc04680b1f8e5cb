"""Moves of MySQL and MariaDB: copied by several snapshots, followed by the binary log, which the host carries."""
