"""Reading rules of the verbaliser: one family a file, each a table and a `read_*` function of text."""
