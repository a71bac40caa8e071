"""The pure core: what a platform is, decided without Pulumi, a network, a clock or the environment."""
