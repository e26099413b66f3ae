"""A pipeline of our own, which has the service's model write a message anew.

It goes through the chassis like any request: time limits, retries, cost, masked personal data.
"""
