"""Which keys and runbooks there are, and how they get into the workspace and out of it."""
