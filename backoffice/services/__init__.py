"""An organisation's own services: the list, the form in five parts, and one-click actions."""
