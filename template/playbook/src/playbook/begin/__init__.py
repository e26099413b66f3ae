"""`playbook begin`: the sample's labels, prompt and cases make room for the team's own."""
