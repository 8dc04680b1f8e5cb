"""The domain: cards to learn, when they are due, and what was remembered."""
