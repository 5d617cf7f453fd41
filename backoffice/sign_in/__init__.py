"""Signing in: the password, the second factor, the page where people look after both, and when a session ends."""
