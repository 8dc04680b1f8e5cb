"""How the stores that AWS runs are backed up by AWS. Reads only."""
