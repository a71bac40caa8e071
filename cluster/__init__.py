"""What talks to a Kubernetes API server: any kind, with the user's own kubeconfig."""
