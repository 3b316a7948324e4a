"""Do customers get in?"""

from deploy.board.panel import PER_SECOND, SECONDS, Line, Panel, Row, quantiles, rate

ROW = Row(
    "Do customers get in?",
    (
        Panel(
            "Messages received", "Whatever doors were handed, repeats and refused ones included, by channel.", PER_SECOND,
            (Line(rate("sanad_messages_received_total", "channel"), "{{channel}}"),),
        ),
        Panel(
            "Messages accepted", "Messages that are in a conversation and readable. Lower than received: repeats, refusals, set aside.",
            PER_SECOND, (Line(rate("sanad_messages_accepted_total", "channel"), "{{channel}}"),),
        ),
        Panel(
            "Messages refused", "By channel and reason. `unavailable` is our fault, all others are the sender's.", PER_SECOND,
            (Line(rate("sanad_messages_refused_total", "channel, reason"), "{{channel}}: {{reason}}"),), "stacked",
        ),
        Panel(
            "Messages set aside", "They touch no ticket until somebody restores them: spam, automatic mail, blocked senders.",
            PER_SECOND, (Line(rate("sanad_messages_set_aside_total", "reason"), "{{reason}}"),), "stacked",
        ),
        Panel(
            "Requests by status", "HTTP requests answered. 5xx is ours, 429 (among 4xx) says that somebody asks too often.",
            PER_SECOND, (Line(rate("sanad_http_requests_total", "status"), "{{status}}"),), "stacked",
        ),
        Panel(
            "Time to the acknowledgement", "From a customer's request to its answer: by then the message is durable. Usually below 0.1 s.",
            SECONDS, quantiles("sanad_http_answer_seconds", "", "", 'route=~"/in/.*"'),
        ),
        Panel(
            "Mails by answer", "What senders were told: taken, later (they try again), refused (no such address).", PER_SECOND,
            (Line(rate("sanad_smtp_mails_total", "outcome"), "{{outcome}}"),), "stacked",
        ),
        Panel(
            "Mail clients", "Connections of other mail servers; turned away where there was no room.", PER_SECOND,
            (Line(rate("sanad_smtp_sessions_total", "outcome"), "{{outcome}}"),),
        ),
        Panel(
            "Slowest routes, p99", "All but one of a hundred answers of each route are faster. The ten slowest.", SECONDS,
            (Line(f"topk(10, {quantiles('sanad_http_answer_seconds', 'route', '')[1].expr})", "{{route}}"),),
        ),
    ),
)  # fmt: skip
