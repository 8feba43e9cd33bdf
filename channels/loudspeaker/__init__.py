"""Commune loudspeakers by the device protocol LOA/1."""
