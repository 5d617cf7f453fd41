"""Signing in: the password, the second factor, the page for managing both, and when a session ends."""
