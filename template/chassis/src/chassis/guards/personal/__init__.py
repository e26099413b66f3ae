"""Personal data and secrets in text: found, taken out, or masked and restored.

`spans` says what a finder is; `light` is the default one, put together of `credentials`, `numbers`
and so on; `presidio` adds names and addresses; `engine` chooses. `redaction` is for logs, `vault`
for what goes to a provider. Which guard does what with a find stands in `guards/policy.py`.
"""
