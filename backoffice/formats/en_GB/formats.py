"""Dates and times as people here write them: Django's own en-GB says "10:10 a.m."."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
