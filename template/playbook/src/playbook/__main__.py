"""`python -m playbook` is the same command as `playbook`."""

from playbook.cli import main

if __name__ == "__main__":
    main()
