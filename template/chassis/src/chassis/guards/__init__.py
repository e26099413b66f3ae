"""Guards: what is checked before text goes to the model and before an answer goes out.

Each module is one guard or one tool of guards. What runs, in which mode, stands in
`config/guardrails.yaml`.
"""
