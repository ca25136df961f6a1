"""What a season repeats: its templates, and where each episode shows them."""
