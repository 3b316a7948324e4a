"""The HTTP door: one application for all routes, one shape of refusal, the same limits and headers everywhere."""

from shared.http.application import build_app
from shared.http.door import Door
from shared.http.plain import PlainRoute
from shared.http.problems import Problem, ProblemAnswer, answer_problem

__all__ = ["Door", "PlainRoute", "Problem", "ProblemAnswer", "answer_problem", "build_app"]
