"""The page: Gradio blocks, their state, scripts, styles and texts."""
