"""How each engine is dumped and loaded, by its own tools in its own container."""
