"""`playbook begin`: the sample's labels, prompt and cases make room for the team's own.

Here: reading what the team wants, asking for it, and the edits that follow. Which files those are
is in `sample.py`; a further use case adds its own description there.
"""
