"""The Open Inference Protocol V2: messages to tensors and back. Knows no sockets and no models."""
