"""A service small enough to test the playbook on."""
