"""Reads what was recorded, and says what is damaged."""
