"""What a run leaves and says: JSON, the terminal, Markdown, JUnit and one page of HTML.

Everything is made from one document (`document.py`), so that any of it can be made again from
`evals/reports/latest.json`. Not here: what decides (`gate/`), and the baseline and the history.
"""
