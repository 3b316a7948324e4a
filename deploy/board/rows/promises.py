"""Are promises kept?"""

from deploy.board.panel import COUNT, PER_SECOND, SECONDS, SHARE, Line, Panel, Row, quantiles, rate, stand

ENDED = "sanad_targets_settled_total"

ROW = Row(
    "Are promises kept?",
    (
        Panel(
            "Promises settled", "Kept, missed and called off, by target.", PER_SECOND,
            (Line(rate(ENDED, "target, outcome"), "{{target}}: {{outcome}}"),), "stacked",
        ),
        Panel(
            "Share missed", "Of the promises that were kept or missed in the last hour.", SHARE,
            (Line("target:sanad_targets_breached:ratio1h", "{{target}}"),),
        ),
        Panel(
            "Breach lateness", "From a missed deadline to the fact that says so. Usually below 0.5 s.", SECONDS,
            quantiles("sanad_breach_detection_seconds", "", ""), alarm=2,
        ),
        Panel(
            "Open promises", "Clocks that run or pause.", COUNT,
            (Line(stand("sanad_open_clocks", "desk, state"), "{{desk}}: {{state}}"),), "stacked",
        ),
        Panel(
            "Overdue without a verdict", "Past their deadline and not judged yet: more than 0 for seconds at most.", COUNT,
            (Line(stand("sanad_overdue_clocks", "desk"), "{{desk}}"),), alarm=1,
        ),
        Panel(
            "Warnings", "Owners and teams told before a deadline.", PER_SECOND,
            (Line(rate("sanad_targets_warned_total", "target"), "{{target}}"),),
        ),
        Panel(
            "Surveys", "What became of questions how it went.", PER_SECOND,
            (Line(rate("sanad_surveys_total", "kind, outcome"), "{{kind}}: {{outcome}}"),), "stacked",
        ),
        Panel(
            "Survey scores", "Counted answers by score.", PER_SECOND,
            (Line(rate("sanad_survey_answers_total", "kind, score"), "{{kind}}: {{score}}"),), "stacked",
        ),
        Panel(
            "Commands refused", "What agents, programs or services asked for and the desk refused, by reason.", PER_SECOND,
            (Line(rate("sanad_commands_refused_total", "reason"), "{{reason}}"),), "stacked",
        ),
    ),
)  # fmt: skip
