"""Parts of the benchmark of file names: titles, release styles, parsers and their comparison."""
