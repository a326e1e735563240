"""What is kept: collected, redacted, looked at, bundled, checkpointed and counted."""
