"""Secrets: which ones the platform needs, who makes them, and what must never be written down."""
