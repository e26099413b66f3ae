"""`playbook evals judge`: judges are judged, against people's verdicts on answers.

`labels` reads those verdicts, `rates` says how often a judge agrees with them, `card` keeps what
was measured and refuses what it does not cover, `measure` asks the judge, `report` is what a person
reads, `labelling` collects answers and opens a sitting, `asking` is the sitting, `example` starts a
new judge. Running judges in the suite is `playbook.evals.judging`.
"""
