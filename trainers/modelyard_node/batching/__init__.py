"""One queue a model: what arrives while calls run is merged into the next."""
