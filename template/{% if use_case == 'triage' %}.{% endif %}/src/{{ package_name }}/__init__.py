"""The service's own code: what it takes and gives, how it works, and how its answers are scored."""
