"""Odyssey, broken in every way that people break a platform: what the checks find of it, and what they miss."""
