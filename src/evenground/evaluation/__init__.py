"""From plans to burden: evaluation in full, by inheritance from parents, and move by move."""

from evenground.evaluation.evaluator import Evaluator, Kept
from evenground.evaluation.gains import Point
from evenground.evaluation.loops import LANES
from evenground.evaluation.products import DoseResponse, Evaluation, Frame, Stack
from evenground.evaluation.walk import Move, Sums, Walk

__all__ = [
    "LANES",
    "DoseResponse",
    "Evaluation",
    "Evaluator",
    "Frame",
    "Kept",
    "Move",
    "Point",
    "Stack",
    "Sums",
    "Walk",
]
