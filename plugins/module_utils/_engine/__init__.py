"""The Docker Engine of a host: daemon.json without a needless restart, and registry logins. Standard library only."""
