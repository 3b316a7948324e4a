"""`python -m deploy.engines up|down|status|pin`: real engines on this machine, for trying the distributed desk."""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.engines import children, kafka, maven, mongo, running
from deploy.engines.running import EngineFailed, Running, Say

Start = Callable[[Path, Say, argparse.Namespace], Running]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 an engine is missing, dead or did not come up."""
    asked = _parser().parse_args(arguments)
    verbs = {"up": up, "down": down, "status": status, "pin": pin}
    try:
        return verbs[asked.verb](asked)
    except EngineFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def up(asked: argparse.Namespace) -> int:
    """Start all engines that do not run yet. What they kept from the last time is there again."""
    folder: Path = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    asked.nodes = kafka.check_nodes(folder / kafka.NAME, asked.nodes)
    engines = [engine for engine in running.read(folder) if _is_whole(engine)]
    for engine in running.read(folder):
        if engine not in engines:
            running.stop(engine)
    try:
        for name, start in ENGINES.items():
            if not any(engine.name == name for engine in engines):
                engines.append(start(folder / name, print, asked))
    finally:
        running.write(folder, engines)
    for engine in engines:
        print(f"{engine.name} is up: {engine.address}")
    return 0


def down(asked: argparse.Namespace) -> int:
    """Stop all engines; what they keep stays in the folder, unless it is to be forgotten."""
    for engine in reversed(running.read(asked.folder)):
        running.stop(engine)
        print(f"{engine.name} is down")
    running.forget(asked.folder)
    if asked.forget:
        for name in ENGINES:
            shutil.rmtree(asked.folder / name, ignore_errors=True)
        print(f"what they kept in {asked.folder} is deleted")
    return 0


def status(asked: argparse.Namespace) -> int:
    """Say what runs, with its address, pids and logs."""
    engines = running.read(asked.folder)
    for engine in engines:
        print(f"{engine.name}: {engine.address}")
        for child in engine.children:
            print(f"  {child.name}: {f'pid {child.pid}' if children.alive(child) else 'dead'}, log {child.log}")
    if not engines:
        print("no engine was started here: make engines")
    return 0 if engines and all(map(_is_whole, engines)) else 1


def pin(_asked: argparse.Namespace) -> int:
    """Write the sums of all jars anew, after a change of a pom."""
    for recipe in RECIPES:
        print(f"{recipe.name}: {maven.pin(recipe, print)} jars")
    return 0


def _is_whole(engine: Running) -> bool:
    return all(map(children.alive, engine.children))


def _start_kafka(folder: Path, say: Say, asked: argparse.Namespace) -> Running:
    return kafka.start(folder, say, asked.nodes, asked.port).noted()


def _start_mongo(folder: Path, say: Say, asked: argparse.Namespace) -> Running:
    return mongo.start(folder, say, port=asked.mongo_port).noted()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.engines", description=__doc__)
    parser.add_argument("verb", choices=["up", "down", "status", "pin"])
    parser.add_argument("--nodes", type=int, choices=[1, 3], help="nodes of Kafka (default: as before, at first 1)")
    parser.add_argument("--port", type=int, default=kafka.FIRST_PORT, help="Kafka's first port (default %(default)s)")
    parser.add_argument(
        "--mongo-port", type=int, default=mongo.FIRST_PORT, help="port of MongoDB's stand-in (default %(default)s)"
    )
    parser.add_argument("--folder", type=Path, default=maven.cache() / "run", help="where engines keep what they keep")
    parser.add_argument("--forget", action="store_true", help="with down: delete what they keep")
    return parser


ENGINES: dict[str, Start] = {kafka.NAME: _start_kafka, mongo.NAME: _start_mongo}
RECIPES = (kafka.RECIPE, mongo.RECIPE)

if __name__ == "__main__":
    sys.exit(main())
