"""Vectors: the model's files, embedding, their storage, the HNSW index."""
