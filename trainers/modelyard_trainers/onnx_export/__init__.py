"""Writes a fitted preprocessing and model as one ONNX graph, and proves that it answers alike."""
