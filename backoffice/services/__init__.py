"""An organisation's own services: the list, the form in five parts, and what is done with one click."""
