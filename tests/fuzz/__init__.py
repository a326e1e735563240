"""Inputs nobody thought of: mutations of good and hostile archives, and what must hold for each of them."""
