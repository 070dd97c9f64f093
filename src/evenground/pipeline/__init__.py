"""The story of a run, from a case file to a problem, a front and proposals.

The only place that knows the order of the stages; data flows one way. ``model`` makes all
that a search needs, ``telling`` says what it found, ``writing`` writes it, ``running`` does
the three in turn.
"""

from evenground.outputs.manifest import Origin
from evenground.pipeline.assessing import (
    Judged,
    assess_file,
    check_files,
    judge_plan,
    model_of,
    write_judged,
)
from evenground.pipeline.earlier import (
    Earlier,
    Mapped,
    map_onto,
    read_earlier,
    score,
    warm_seeds,
)
from evenground.pipeline.model import (
    DEFAULT_SEED,
    Model,
    Places,
    build_evaluator,
    build_model,
    build_places,
    build_upon,
    exposure_ranges,
    placed,
    qualities,
    write_default,
)
from evenground.pipeline.planfile import Drawn, read_plan
from evenground.pipeline.rescoring import Rescored, rescore
from evenground.pipeline.resuming import Asked, Going, locate, read_asked
from evenground.pipeline.running import Told, Way, foresee, run, searched, summarise, write_whole
from evenground.pipeline.telling import (
    build_run,
    build_uncertain,
    check_totals,
    judge_budgets,
    judge_uncertainty,
)
from evenground.pipeline.writing import (
    change_maps,
    ges_maps,
    write_baselines,
    write_distribution,
    write_run,
    write_stacking,
    write_uncertainty,
)

__all__ = [
    "DEFAULT_SEED",
    "Asked",
    "Drawn",
    "Earlier",
    "Going",
    "Judged",
    "Mapped",
    "Model",
    "Origin",
    "Places",
    "Rescored",
    "Told",
    "Way",
    "assess_file",
    "build_evaluator",
    "build_model",
    "build_places",
    "build_run",
    "build_uncertain",
    "build_upon",
    "change_maps",
    "check_files",
    "check_totals",
    "exposure_ranges",
    "foresee",
    "ges_maps",
    "judge_budgets",
    "judge_plan",
    "judge_uncertainty",
    "locate",
    "map_onto",
    "model_of",
    "placed",
    "qualities",
    "read_asked",
    "read_earlier",
    "read_plan",
    "rescore",
    "run",
    "score",
    "searched",
    "summarise",
    "warm_seeds",
    "write_baselines",
    "write_default",
    "write_distribution",
    "write_judged",
    "write_run",
    "write_stacking",
    "write_uncertainty",
    "write_whole",
]
