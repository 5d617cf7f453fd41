"""The blocks of StreamFields. `body.py` lists those that a page may have."""
