"""`playbook data import`: from the team's exports and the service's logs to cases and candidates.

A row with a right answer and somebody who stands for it is a case; one without is a candidate, and
waits for `playbook label`. Nothing is written before all of it could be.
"""
