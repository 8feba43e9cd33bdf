"""Searching dispatches and deliveries, by any combination, without reading all of them."""
