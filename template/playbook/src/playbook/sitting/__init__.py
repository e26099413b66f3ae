"""One person before the screen: what `label` and `evals judge --label` have in common."""
