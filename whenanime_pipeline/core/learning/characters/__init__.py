"""Fine-tunes an embedding network on named faces."""
