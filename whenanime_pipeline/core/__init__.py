"""The engine: paths and arrays in, arrays and dataclasses out. Knows neither Dagster nor Gradio."""
