"""Reports on models: metrics compared with another model's, checks, mistakes and charts."""
