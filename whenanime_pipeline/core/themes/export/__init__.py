"""Writes themes in the formats of media players and of trainings; pure functions of segments."""
