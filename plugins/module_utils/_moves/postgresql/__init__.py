"""PostgreSQL: logical decoding on the source, applied on the target by this host."""
