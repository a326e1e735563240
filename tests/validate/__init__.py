"""Every rule of validation, with a sample that breaks it and samples that must not."""
