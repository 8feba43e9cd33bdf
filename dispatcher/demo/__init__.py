"""A night in a commune, played in a minute on one machine: synthetic people, simulated providers."""
