"""A run from request to kept outcome, and what it needs."""
