"""Faces to vectors: crops, the face model and the colours of hair, eyes and skin."""
