"""The worker's loop, one sweep, the drain."""
