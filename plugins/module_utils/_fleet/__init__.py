"""A fleet: what its machines read and say, the agent that runs on them, and what the controller does to them."""
