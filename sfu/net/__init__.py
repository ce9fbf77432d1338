"""The node as a service: control, WHIP, WHEP, metrics."""
