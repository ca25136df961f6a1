"""Training: recipes, batches and their views, the loop that can be cut off, the model it leaves."""
