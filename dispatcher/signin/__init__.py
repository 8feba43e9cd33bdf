"""Signing in: passwords, second factors, known devices and recovery (docs/sign-in.md)."""
