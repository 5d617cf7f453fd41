"""Messages from visitors of the public site: they are read and dealt with here."""
