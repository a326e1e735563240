"""Working an incident: acts, records, their fold, and what helps along."""
