"""The secrets layer's add-ons."""
