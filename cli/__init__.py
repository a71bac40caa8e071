"""The command line `homelab`: parses arguments, asks the core, shows what it says."""
