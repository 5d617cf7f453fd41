"""Catchments: read from what people draw, paste or upload, checked against the network's area, written without loss."""

from referrals.catchments.drawing import areas_to_start_from, circle, cut, join, whole_area
from referrals.catchments.geojson import UnusableShape, read_upload, write_catchment
from referrals.catchments.reading import ReadCatchment, read_catchment, settle

__all__ = [
    "ReadCatchment",
    "UnusableShape",
    "areas_to_start_from",
    "circle",
    "cut",
    "join",
    "read_catchment",
    "read_upload",
    "settle",
    "whole_area",
    "write_catchment",
]
