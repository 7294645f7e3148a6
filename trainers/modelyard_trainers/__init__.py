"""Modelyard's bundled trainers: fit a model, export it to ONNX, prove both answer alike."""

__version__ = "0.1.0"
