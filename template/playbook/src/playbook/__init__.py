"""The playbook's tooling: what is run beside the service, never inside it."""
