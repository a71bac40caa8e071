"""What is installed: one pure function a file, from a cluster's config to an add-on."""
