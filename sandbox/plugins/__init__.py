"""Stand-ins for Pulumi's plugins `kubernetes` and `command`, where the real ones cannot be had.

They serve the sandbox and the tests only. Where the engine finds a real plugin, that is what runs.
"""
