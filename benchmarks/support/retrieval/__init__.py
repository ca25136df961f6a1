"""What `benchmarks/retrieval.py` is made of: questions, systems that answer, and scores."""
