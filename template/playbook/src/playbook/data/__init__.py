"""The labelled cases as data: what they are made of, where they come from, what is wrong with them.

What runs and judges them is in `evals`.
"""
