"""A stand-in for Pulumi's provider `kubernetes`, for objects of any kind."""
