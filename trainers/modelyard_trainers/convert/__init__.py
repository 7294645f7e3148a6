"""Turns a native model that an MLflow client logged into ONNX, behind walls. See walls.py."""
