"""Trains the embedding network: dataset, augmentation, network, loss, training, export, report.

torch is imported in this package only. The result is a model's folder (ONNX and `meta.json`),
which `core.search` reads.
"""
