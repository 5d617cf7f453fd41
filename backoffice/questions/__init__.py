"""The questions of a network: the draft on one screen with a picture of the flow, and what is published of it."""
