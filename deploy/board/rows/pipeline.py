"""Does what was taken in go on?"""

from deploy.board.panel import COUNT, PER_SECOND, SECONDS, Line, Panel, Row, figure, quantiles, rate

LAG = f"max by (consumer, partition) ({figure('sanad_consumer_lag_records')})"

ROW = Row(
    "Does what was taken in go on?",
    (
        Panel(
            "Lag", "Records a consumer has not applied yet, over all partitions. Usually 0; it may rise with a burst, and falls after it.",
            COUNT, (Line(f"sum by (consumer) ({LAG})", "{{consumer}}"),),
        ),
        Panel(
            "Lag by partition", "The twenty furthest behind. One partition alone: one desk floods, or one record is slow.", COUNT,
            (Line(f"topk(20, {LAG})", "{{consumer}} / {{partition}}"),),
        ),
        Panel(
            "Lag in time", "Age of the oldest record a consumer has not applied. From 30 s of the router on, doors answer 503.",
            SECONDS, (Line(f"max by (consumer) ({figure('sanad_consumer_lag_seconds')})", "{{consumer}}"),), alarm=30,
        ),
        Panel(
            "Records applied", "Records a second, outputs acknowledged; repeats after a restart count again.", PER_SECOND,
            (Line(rate("sanad_records_applied_total", "consumer"), "{{consumer}}"),),
        ),
        Panel(
            "Time in the log, p99", "From a record's append until all that follows from it is acknowledged.", SECONDS,
            (quantiles("sanad_record_age_seconds", "consumer", "{{consumer}}")[1],),
        ),
        Panel(
            "Unattended partitions", "Partitions nobody works on. A few for seconds after a process ended; anything that stays is an alarm.",
            COUNT, (Line("consumer:sanad_unattended_partitions:count", "{{consumer}}"),), alarm=1,
        ),
        Panel(
            "Calls repeated", "The log or the documents did not answer. Nothing is lost, the partition waits.", PER_SECOND,
            (Line(rate("sanad_retries_total", "consumer, store"), "{{consumer}}: {{store}}"),), "stacked",
        ),
        Panel(
            "Checkpoints", "Saved states a second; each shortens the next start.", PER_SECOND,
            (Line(rate("sanad_checkpoints_total", "consumer"), "{{consumer}}"),),
        ),
        Panel(
            "Longest stop by a checkpoint, p99", "While it is written the consumer stands still that long at most.", SECONDS,
            (quantiles("sanad_checkpoint_pause_seconds", "consumer", "{{consumer}}")[1],),
        ),
    ),
)  # fmt: skip
