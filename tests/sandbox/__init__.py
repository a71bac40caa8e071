"""Tests of the sandbox's parts that need neither network nor cluster, and those marked `e2e` that need one of them."""
