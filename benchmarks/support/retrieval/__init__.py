"""Parts of `benchmarks/retrieval.py`: queries, systems, outcomes and scores."""
