"""`playbook demo`: the whole service at work, without a key, told step by step.

Here: choosing what to send, the service and simulator it is sent to, and how it is shown. It works
on a copy of the configuration, so nothing of the person's is changed, and leaves nothing running.
"""
