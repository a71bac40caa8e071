"""What an API server takes: the schemas of Kubernetes' own kinds, of Flux's and of the add-ons', and a validator."""
