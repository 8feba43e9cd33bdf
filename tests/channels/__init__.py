"""What every provider must keep, and what is special about each."""
