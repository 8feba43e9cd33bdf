"""What ``loa`` can do, a file per group of commands. Each imports what it needs when it is run."""
