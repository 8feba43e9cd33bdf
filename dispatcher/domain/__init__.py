"""Nouns and rules. Pure: no clock, no database, no network; now, randomness and identity are given."""
