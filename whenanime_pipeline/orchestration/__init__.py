"""Runs Dagster in this process: its instance in the home, and jobs as the commands start them."""
