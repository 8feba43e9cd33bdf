"""Reading rules of the verbaliser: a family a file, each a table and a `read_*` function."""
