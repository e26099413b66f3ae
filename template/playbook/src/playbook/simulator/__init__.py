"""The simulator: a provider that needs no key; its small brain answers only from its prompt.

The brain is frozen. What does not live here: anything about one use case, taxonomy or eval case.
"""
