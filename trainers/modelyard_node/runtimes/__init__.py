"""Model processes: each holds one model behind walls and speaks with the node through one socket."""
