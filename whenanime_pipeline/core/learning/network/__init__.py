"""Networks: what they are built from, their weights in files, their way to ONNX."""
