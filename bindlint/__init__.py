"""A static security linter for unsafe network bindings: who can connect to this program, and from how far away."""

__version__ = "0.1.0"
