"""What pages are built of, one file a kind. `body.py` gathers them."""
