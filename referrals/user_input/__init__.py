"""What people type, paste and send in tables, before any field knows what it is for."""
