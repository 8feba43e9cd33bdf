"""Doors over HTTP: API v1, callbacks, device gateway, console."""
