"""Do answers reach customers, and what could nobody take?"""

from deploy.board.panel import COUNT, PER_SECOND, SECONDS, Line, Panel, Row, rate, stand

ROW = Row(
    "Do answers reach customers? What could nobody take?",
    (
        Panel(
            "Deliveries", "What became of messages to customers. `stored`: there is no relay; `unknown`: nobody can say.", PER_SECOND,
            (Line(rate("sanad_deliveries_reported_total", "outcome"), "{{outcome}}"),), "stacked",
        ),
        Panel(
            "Outbox", "Deliveries that are not done, by state. `held` waits for an operator.", COUNT,
            (Line(stand("sanad_outbox_deliveries", "desk, state"), "{{desk}}: {{state}}"),), "stacked",
        ),
        Panel(
            "Oldest waiting delivery", "Age of the oldest one that is neither done nor held.", SECONDS,
            (Line(stand("sanad_outbox_oldest_seconds", "desk"), "{{desk}}"),), alarm=900,
        ),
        Panel(
            "Paused accounts", "Nothing is sent by them because the other side fails; one letter tries now and then.", COUNT,
            (Line(stand("sanad_paused_accounts", "desk"), "{{desk}}"),), alarm=1,
        ),
        Panel(
            "Dead letters", "Records and mails that could not be read or decided on, by who met them.", PER_SECOND,
            (Line(rate("sanad_dead_letters_total", "consumer"), "{{consumer}}"),), "stacked",
        ),
        Panel(
            "Broken rules", "Records a rule failed on. Each is a bug.", PER_SECOND,
            (Line(rate("sanad_broken_rules_total", "consumer"), "{{consumer}}"),), "stacked",
        ),
    ),
)  # fmt: skip
