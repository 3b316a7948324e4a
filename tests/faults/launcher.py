"""`python -m tests.faults.launcher <service>`: a process of a service with its death built in (see `tests.e2e.crash_launcher`).

Nothing is imported on top: mail's child processes read this file again.
"""

SKEW = "SKEW"
"""Milliseconds by which this process's clock is wrong."""


def main() -> None:
    import os
    import sys

    from services.verbs.one_service import main as serve
    from shared import saving
    from shared.clock import SystemClock
    from shared.engine import no_step
    from shared.worker_ports import Step
    from tests.e2e.crash_launcher import DEATH, SAVE_EVERY, Death, build_in
    from tests.faults.points import POINTS
    from tests.faults.silence import SILENT, fall_silent

    step: Step = no_step
    if told := os.environ.get(DEATH):
        death = Death(told)
        build_in(death, {name: point.place for name, point in POINTS.items()})
        step = death.step
    if told := os.environ.get(SILENT):
        step = fall_silent(told, step)
    saving.SAVE_AT_LEAST = int(os.environ.get(SAVE_EVERY, saving.SAVE_AT_LEAST))
    if skew := int(os.environ.get(SKEW, "0")):
        right = SystemClock.now
        setattr(SystemClock, "now", lambda clock: right(clock) + skew)  # noqa: B010 - a method of a class, not of this module
    serve(sys.argv[1], step)


if __name__ == "__main__":
    main()
