"""What this machine does, as ratios within one run."""
