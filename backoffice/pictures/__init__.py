"""Choosing, uploading and keeping pictures of services."""
