"""The rehearsal: real hosts and the parts around them, on one Linux machine. Standard library only."""
