"""The demonstration network: stores fixtures/, then simulates weeks of referrals through the workflow's verbs."""

from referrals.demo.load import (
    POSTCODE_ATTRIBUTION,
    AlreadyLoadedError,
    Loaded,
    load_demo,
    load_postcodes,
    refuse_if_loaded,
)
from referrals.demo.sign_ins import SignIn, demo_addresses, demo_password, demo_sign_ins

__all__ = [
    "POSTCODE_ATTRIBUTION",
    "AlreadyLoadedError",
    "Loaded",
    "SignIn",
    "demo_addresses",
    "demo_password",
    "demo_sign_ins",
    "load_demo",
    "load_postcodes",
    "refuse_if_loaded",
]
