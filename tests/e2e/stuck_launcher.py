"""A process of a service that is stuck: `python -m tests.e2e.stuck_launcher <service> <worker|shell>`.

Nothing is imported on top: mail's child processes read this file again.
"""


def main() -> None:
    import asyncio
    import sys

    from services.verbs.one_service import main as serve
    from shared.brokers.kafka import KafkaBroker
    from shared.engine import no_step

    name, what = sys.argv[1:3]

    async def hang(step: str) -> None:
        """A worker that waits for what never comes, between folding a run and publishing it."""
        if step == "applied":
            await asyncio.Event().wait()

    if what == "shell":  # it joins, and brings nothing
        KafkaBroker.take = lambda *_: None  # type: ignore[method-assign]  # what every shell brings its records to
    serve(name, hang if what == "worker" else no_step)


if __name__ == "__main__":
    main()
