"""Reading for the books: keyset-paged queries over an agency's subtree and a period."""
