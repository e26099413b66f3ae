"""`playbook faults`: what can fail around the service fails, and it is seen what callers get.

Here: the rows of the matrix, how each fault is brought about, the running service they meet, and
the report. What an outcome means is the chassis's (`chassis.outcomes.TABLE`); the faults of model
providers are the simulator's.
"""
