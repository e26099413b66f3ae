"""`playbook evals selftest`: the gate shows on this very service that it can fail.

Made-up answers, right or wrong as each row wants them, go through the service, its evaluators and
its gate, in a copy of the project. Nothing here says anything about a model.
"""
