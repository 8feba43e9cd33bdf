"""Nouns and rules. Pure: no clock, no database, no network; now and randomness are given."""
