"""What a shell costs beside a bare loop, and what more partitions and processes bring."""

from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.figures import Figure
from tests.bench.kafka.copiers import Copied, copy_all
from tests.bench.kafka.scene import Scene

KINDS = ("bare", "faust", "aiokafka")
PARTITIONS = (1, 2, 4)


async def measure_shells(scene: Scene) -> list[Figure]:
    """Our worker over each shell, copying records, beside what aiokafka does for who asks no more of it. Rounds take turns, so
    that a busy moment of the machine falls on all alike; medians of all rounds."""
    rounds: dict[str, list[Copied]] = {kind: [] for kind in KINDS}
    for number in range(scene.size.rounds):
        for kind in KINDS:
            rounds[kind].append(await copy_all(scene, kind, 1, scene.size.copies))
            scene.say(f"round {number + 1}, {kind}: {rounds[kind][-1].rate:,.0f} records/s")
    return [*_rows(rounds, "faust"), *_rows(rounds, "aiokafka")]


def _rows(rounds: Mapping[str, Sequence[Copied]], shell: str) -> list[Figure]:
    rate = {kind: median(one.rate for one in rounds[kind]) for kind in ("bare", shell)}
    cost = {kind: median(one.cost for one in rounds[kind]) for kind in ("bare", shell)}
    loop = "bare aiokafka loop"
    return [
        Figure(f"worker over {shell}, copying", rate[shell], "records/s", rate["bare"], loop, "ratio ≥ 0.33"),
        Figure(f"worker over {shell}, copying, CPU", cost[shell], "CPU-µs a record", cost["bare"], loop),
    ]


async def measure_partitions(scene: Scene) -> list[Figure]:
    """As many processes as partitions. Machines of two cores serve two at once, broker and all: there, what each record
    costs tells more than the rate, because it is what stays when there are more cores."""
    copied: dict[int, Copied] = {}
    for processes in PARTITIONS:
        copied[processes] = await copy_all(scene, scene.shell, processes, scene.size.copies)
        scene.say(f"{processes} partitions and processes: {copied[processes].rate:,.0f} records/s")
    first = copied[PARTITIONS[0]]
    figures = []
    for processes, one in copied.items():
        name = f"{processes} partition{'s' * (processes > 1)} and as many processes, {scene.shell}"
        figures.append(Figure(name, one.rate, "records/s", first.rate, "with one"))
        figures.append(Figure(f"{name}, CPU", one.cost, "CPU-µs a record", first.cost, "with one"))
    return figures
