"""What authors of keys and runbooks use; nothing here is needed to work with a finished library."""
