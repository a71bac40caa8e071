"""The sandbox: the platform on this machine, with a real API server and real Flux."""
