"""Channels: a folder per channel, a file per provider. They never see each other or the ledger."""
