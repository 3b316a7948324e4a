"""Is work given to people?"""

from deploy.board.panel import COUNT, PER_SECOND, SECONDS, Line, Panel, Row, quantiles, rate, stand

ROW = Row(
    "Is work given to people?",
    (
        Panel(
            "Tickets routed", "Tickets a second given to a team, the first time or again.", PER_SECOND,
            (Line(rate("sanad_tickets_routed_total", "team"), "{{team}}"),), "stacked",
        ),
        Panel(
            "Tickets opened and resolved", "Opened faster than resolved for long: queues grow.", PER_SECOND,
            (
                Line(rate("sanad_tickets_opened_total"), "opened"), Line(rate("sanad_tickets_resolved_total"), "resolved"),
            ),
        ),
        Panel(
            "Time until readable", "End to end: from the customer's sending to the moment agents can read it. Usually below 1 s.",
            SECONDS, quantiles("sanad_message_readable_seconds", "channel", "{{channel}}"),
        ),
        Panel(
            "Queue length", "Work items that wait for somebody, by team.", COUNT,
            (Line(stand("sanad_queue_items", "desk, team"), "{{desk}}: {{team}}"),), "stacked",
        ),
        Panel(
            "Queue age", "How long the longest waiting work item has waited.", SECONDS,
            (Line(stand("sanad_queue_oldest_seconds", "desk"), "{{desk}}"),), alarm=3600,
        ),
        Panel(
            "Ready agents", "Agents who are ready for work.", COUNT,
            (Line(stand("sanad_ready_agents", "desk"), "{{desk}}"),),
        ),
        Panel(
            "Work given", "Work items a second somebody got, by how.", PER_SECOND,
            (Line(rate("sanad_work_assigned_total", "how"), "{{how}}"),), "stacked",
        ),
        Panel(
            "Wait for an agent", "How long items had waited when somebody got them automatically.", SECONDS,
            quantiles("sanad_work_wait_seconds", "", "", 'how="automatic"'),
        ),
        Panel(
            "Tickets by status", "Tickets that are not closed.", COUNT,
            (Line(stand("sanad_desk_tickets", "desk, status"), "{{desk}}: {{status}}"),), "stacked",
        ),
    ),
)  # fmt: skip
