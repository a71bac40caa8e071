"""The infra layer's add-ons."""
