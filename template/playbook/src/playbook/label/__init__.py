"""`playbook label`: a person reads one text after the other and says what is right.

Every key that says something is on the disk before the next one is read.
"""
