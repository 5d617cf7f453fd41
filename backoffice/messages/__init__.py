"""What visitors of the public site have written: read here, and done here."""
