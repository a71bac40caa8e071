"""A stand-in for Pulumi's provider `command`, for `command:local:Command`."""
