"""A night in a commune, in a minute, on one machine: synthetic people, simulated providers."""
