"""How the embedding network is made: frames, augmentation, network, loss, training, export.

torch lives here and nowhere else. What leaves this room is a model's folder (ONNX and `meta.json`)
that `core.search` uses without knowing how it came about.
"""
