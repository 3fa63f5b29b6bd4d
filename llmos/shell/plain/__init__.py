"""The shell in plain lines: for screen readers, pipes, and terminals that can do nothing else."""
