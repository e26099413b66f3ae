"""Judging the service by labelled cases.

Here: cases and their form, the run, the gate, the report. Not here: what "right" means for one
answer; that is the service's own `evaluators.py`.
"""
