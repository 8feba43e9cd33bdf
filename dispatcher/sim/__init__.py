"""Provider simulators: they speak the provider's wire and import nothing of ours.

Because they share no code with the channels they test, they cannot share their mistakes.
Each runs in its own process (``python -m dispatcher.sim twilio``); `launch.start` does that
from a test or a benchmark.
"""
