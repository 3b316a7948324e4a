"""Real customers' messages as traffic: what is sent, in which order, how often, and how it gets there."""
