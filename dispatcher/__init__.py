"""Loa: one bulletin, every channel, and the proof of what became of it."""
