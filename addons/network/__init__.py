"""The network layer's add-ons."""
