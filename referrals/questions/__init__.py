"""What the form asks: the flow chart, the draft that coordinators edit, and the versions that they publish."""

from referrals.questions.chart import Box, Choice, Evaluation, FlowChart, evaluate, find_reached
from referrals.questions.draft import load_flow_chart, store_draft
from referrals.questions.publishing import publish, return_to_version
from referrals.questions.versions import find_in_force, load_published_chart

__all__ = [
    "Box",
    "Choice",
    "Evaluation",
    "FlowChart",
    "evaluate",
    "find_in_force",
    "find_reached",
    "load_flow_chart",
    "load_published_chart",
    "publish",
    "return_to_version",
    "store_draft",
]
