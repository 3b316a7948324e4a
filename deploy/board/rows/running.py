"""Are the processes well?"""

from deploy.board.panel import BYTES, CORES, COUNT, PER_SECOND, SECONDS, Line, Panel, Row, figure, rate

WHO = "{{service}} {{instance}}"
OURS = 'job="sanad"'

ROW = Row(
    "Are the processes well?",
    (
        Panel(
            "CPU by process", "Cores in use. A decider cannot use more than one.", CORES,
            (Line(f"rate({figure('process_cpu_seconds_total', OURS)}[$__rate_interval])", WHO),),
        ),
        Panel(
            "CPU per ticket", "CPU time of all processes for each ticket that is opened.", SECONDS,
            (
                Line(
                    'sum(rate(process_cpu_seconds_total{job="sanad"}[$__rate_interval]))'
                    " / sum(rate(sanad_tickets_opened_total[$__rate_interval]))", "per ticket",
                ),
            ),
        ),
        Panel(
            "Memory by process", "Resident memory. Less than 300 MiB for a process of one service.", BYTES,
            (Line(figure("process_resident_memory_bytes", OURS), WHO),),
        ),
        Panel(
            "Open files", "Connections and files; a slope that does not end is a leak.", COUNT,
            (Line(figure("process_open_fds", OURS), WHO),),
        ),
        Panel(
            "Up since", "Age of each process. Many short lives: SanadProcessRestarts in deploy/RUNBOOK.md.", SECONDS,
            (Line(f"time() - {figure('process_start_time_seconds', OURS)}", WHO),),
        ),
        Panel(
            "Log ahead of the clock", "How far the newest record's time lies in the future: 0 unless a clock is wrong.", SECONDS,
            (Line(f"max by (consumer) ({figure('sanad_append_ahead_seconds')})", "{{consumer}}"),), alarm=5,
        ),
        Panel(
            "Figures unread", "Looks at the documents that failed: queues and promises above are old.", PER_SECOND,
            (Line(rate("sanad_unread_gauges_total", "service, instance"), WHO),),
        ),
    ),
)  # fmt: skip
