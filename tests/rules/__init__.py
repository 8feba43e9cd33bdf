"""Rules: pure functions, tried by tables."""
