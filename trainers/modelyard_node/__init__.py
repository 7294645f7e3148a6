"""An inference node in Python: PyTorch archives, ONNX and native models behind the Open Inference Protocol."""
