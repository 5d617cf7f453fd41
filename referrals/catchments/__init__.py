"""Catchments that people draw, paste or upload: read, checked against the network's area, and written."""

from referrals.catchments.drawing import areas_to_start_from, circle, cut, join, whole_area
from referrals.catchments.geojson import UnusableShape, read_upload, write_catchment
from referrals.catchments.reading import ReadCatchment, fit_to_area, read_catchment

__all__ = [
    "ReadCatchment",
    "UnusableShape",
    "areas_to_start_from",
    "circle",
    "cut",
    "fit_to_area",
    "join",
    "read_catchment",
    "read_upload",
    "whole_area",
    "write_catchment",
]
