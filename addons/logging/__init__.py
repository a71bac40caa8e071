"""The logging layer's add-ons, for management clusters."""
