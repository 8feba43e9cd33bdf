"""All persistence: the only place for SQL, and the tamper-evident log of what happened."""
