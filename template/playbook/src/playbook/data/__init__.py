"""The labelled cases themselves: what is wrong with them, who sees which, and more of them.

How cases are read is in `playbook.evals.cases`; how they are run is in `playbook.evals`.
"""
