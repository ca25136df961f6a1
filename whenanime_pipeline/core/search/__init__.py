"""From frames to answers: distinct frames, embeddings, the index, snapshots and queries.

No torch here: models are ONNX files.
"""
