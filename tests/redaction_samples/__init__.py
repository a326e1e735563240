"""True and false samples for every rule, and what makes texts of them."""
