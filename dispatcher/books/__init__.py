"""The books that auditors ask for: what each has for columns, its rows, and how it is written."""
