"""`python -m tests.faults.pair_launcher`: a desk and its neighbour in one process on the embedded engine, by its settings.

Nothing is imported on top: mail's child processes read this file again.
"""


def main() -> None:
    import asyncio
    from dataclasses import replace

    from services.verbs.configured import read_settings
    from services.verbs.example_people import add_example_people
    from services.verbs.first_start import hand_over_key, start_desk
    from services.verbs.serving import obey_signals, serving
    from tests.faults.installing import KEY, NEIGHBOUR, write_neighbours_policy

    async def serve() -> None:
        settings = read_settings()
        place = settings.policy.parent / NEIGHBOUR
        (place / KEY.parent).mkdir(parents=True)
        theirs = settings.model_copy(update={"folder": place / KEY.parent, "policy": write_neighbours_policy(place)})
        async with serving(settings) as running:
            obey_signals(running)
            desks = []
            for own in (settings, theirs):
                ports = replace(running.ports, settings=own)
                desk, _ = await start_desk(ports)
                await add_example_people(ports, desk)
                desks.append((ports, desk))
            for ports, desk in reversed(desks):  # the first one's key says that both are there
                await hand_over_key(ports, desk)
                assert await start_desk(ports) == (desk, False)
            await running.stop.wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
