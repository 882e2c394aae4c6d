"""From candidates to a plan: what to ask and test, what to consider, what speaks against it.

One module for each concept: `flags`, `questions`, `tests`, `treatments`; each has a class that is
built once from the knowledge base and then answers for any `PlanningContext`. They do not import
each other. `planner` puts their answers together.
"""

from crampdx.engine.planning.context import PlanningContext
from crampdx.engine.planning.planner import Plan, Planner

__all__ = ["Plan", "Planner", "PlanningContext"]
