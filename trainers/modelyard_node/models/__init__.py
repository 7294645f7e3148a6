"""The models of a node: what is known, what is in memory, and how requests reach it."""
