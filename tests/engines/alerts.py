"""For every alert figures on which it fires, with what it then says, and figures close by on which it does not.

A sample comes every half minute, and it is looked after half an hour, unless a case says otherwise. `5x60` is 61 times 5,
`0+2x60` begins at 0 and grows by 2, `1x9 0x50` changes after ten samples.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Series = Mapping[str, str]
ROUTER = 'job="sanad",service="router",instance="r:1"'
GATEWAY = 'job="sanad",service="gateway",instance="g:'
HTTP = 'sanad_http_requests_total{service="gateway",method="GET",route="/",status='


@dataclass(frozen=True, slots=True)
class Case:
    """What is watched when it fires and when not; `summary` and `labels` are those of the alert that fires."""

    alert: str
    summary: str
    fires: Series
    quiet: Series
    labels: Mapping[str, str] = field(default_factory=dict)
    at: str = "30m"
    every: str = "30s"


def buckets(name: str, labels: str, slow: str, fast: str = "0x60") -> Series:
    """A histogram whose slow observations take longer than 5 and at most 30 seconds, the fast ones half a second."""
    return {
        f'{name}_bucket{{{labels},le="0.5"}}': fast, f'{name}_bucket{{{labels},le="5"}}': fast,
        f'{name}_bucket{{{labels},le="30"}}': slow, f'{name}_bucket{{{labels},le="+Inf"}}': slow,
    }  # fmt: skip


def attended(router: int) -> Series:
    """Two partitions of each consumer; those of the router as many as are asked for."""
    others = (
        "sla", "survey", "survey-wordings", "survey-ended", "ingest.outbox", "console", "clocks", "surveys", "texts",
        "texts-sent",
    )  # fmt: skip
    seats = [(name, partition) for name in others for partition in range(2)]
    seats += [("router", partition) for partition in range(router)]
    lags = {f'sanad_consumer_lag_records{{consumer="{name}",partition="{number}"}}': "0x60" for name, number in seats}
    return {"sanad_log_partitions": "2x60", **lags}


PROCESS = (
    Case(
        "SanadNothingWatched", "No process of Sanad is known to Prometheus",
        fires={'up{job="prometheus"}': "1x60"}, quiet={f"up{{{ROUTER}}}": "0x60"},
    ),
    Case(
        "SanadProcessDown", "router at r:1 does not answer",
        fires={f"up{{{ROUTER}}}": "1x50 0x9"}, quiet={f"up{{{ROUTER}}}": "1x58 0 1"},
        labels={"job": "sanad", "service": "router", "instance": "r:1"},
    ),
    Case(
        "SanadServiceGone", "No process of gateway is known to Prometheus any more",
        fires={f"up{{{ROUTER}}}": "1x60", f'up{{{GATEWAY}1"}}': "1x40 stale", f'up{{{GATEWAY}2"}}': "1x50 stale"},
        quiet={f"up{{{ROUTER}}}": "1x60", f'up{{{GATEWAY}1"}}': "1x40 stale", f'up{{{GATEWAY}2"}}': "0x60"},
        labels={"service": "gateway"},
    ),
    Case(
        "SanadProcessRestarts", "router at r:1 was started 3 times in 15 minutes",
        fires={f"process_start_time_seconds{{{ROUTER}}}": "1x40 2x4 3x4 4x10"},
        quiet={f"process_start_time_seconds{{{ROUTER}}}": "1x20 2x20 3x20"},
        labels={"job": "sanad", "service": "router", "instance": "r:1"},
    ),
    Case(
        "SanadPartitionsUnattended", "Nobody works on 2 partitions of router",
        fires=attended(router=0), quiet=attended(router=2), labels={"consumer": "router"},
    ),
    Case(
        "SanadLogAheadOfClock", "sla reads records from 1m 30s in the future",
        fires={'sanad_append_ahead_seconds{consumer="sla"}': "90x60"},
        quiet={'sanad_append_ahead_seconds{consumer="sla"}': "2x60"}, labels={"consumer": "sla"},
    ),
    Case(
        "SanadStoreSilent", "console waits for documents",
        fires={'sanad_retries_total{consumer="console",store="documents"}': "0+30x60"},
        quiet={'sanad_retries_total{consumer="console",store="documents"}': "0+1x60"},
        labels={"consumer": "console", "store": "documents"},
    ),
    Case(
        "SanadRuleBroken", "A rule of router failed on a record",
        fires={'sanad_broken_rules_total{consumer="router"}': "0x50 1x9"},
        quiet={'sanad_broken_rules_total{consumer="router"}': "0x10 1x60"}, labels={"consumer": "router"},
    ),
    Case(
        "SanadSavesNothing", "router has saved no checkpoint for half an hour",
        fires={
            'sanad_checkpoints_total{consumer="router"}': "7x160",
            'sanad_records_applied_total{consumer="router",topic="t"}': "0+100x160",
        },
        quiet={
            'sanad_checkpoints_total{consumer="router"}': "7x80 8x80",
            'sanad_records_applied_total{consumer="router",topic="t"}': "0+100x160",
            'sanad_checkpoints_total{consumer="sla"}': "7x160",
            'sanad_records_applied_total{consumer="sla",topic="t"}': "0+1x160",
        },
        labels={"consumer": "router"}, at="60m",
    ),
    Case(
        "SanadMemoryHigh", "router at r:1 holds 1.863GiB",
        fires={f"process_resident_memory_bytes{{{ROUTER}}}": "2e9x60"},
        quiet={f"process_resident_memory_bytes{{{ROUTER}}}": "3e8x60"},
        labels={"job": "sanad", "service": "router", "instance": "r:1"},
    ),
    Case(
        "SanadFiguresUnread", "router at r:1 cannot read its figures",
        fires={f"sanad_unread_gauges_total{{{ROUTER}}}": "0+1x60"},
        quiet={f"sanad_unread_gauges_total{{{ROUTER}}}": "0x20 1x40"},
        labels={"job": "sanad", "service": "router", "instance": "r:1"},
    ),
)  # fmt: skip

FLOW = (
    Case(
        "SanadBehind", "router is 45s behind",
        fires={'sanad_consumer_lag_seconds{consumer="router",partition="1"}': "45x60"},
        quiet={'sanad_consumer_lag_seconds{consumer="router",partition="1"}': "5x60"},
        labels={"consumer": "router"},
    ),
    Case(
        "SanadLagGrows", "console falls further behind by 10 records a second",
        fires={'sanad_consumer_lag_records{consumer="console",partition="0"}': "0+300x60"},
        quiet={
            'sanad_consumer_lag_records{consumer="console",partition="0"}': "99000-300x60",
            'sanad_consumer_lag_records{consumer="sla",partition="0"}': "0+1x60",
        },
        labels={"consumer": "console"},
    ),
    Case(
        "SanadStandsStill", "sla stands still at partition 3",
        fires={
            'sanad_consumer_lag_records{consumer="sla",partition="3"}': "4x60",
            'sanad_consumer_position_records{consumer="sla",partition="3"}': "70x60",
        },
        quiet={
            'sanad_consumer_lag_records{consumer="sla",partition="3"}': "4x60",
            'sanad_consumer_position_records{consumer="sla",partition="3"}': "0+1x60",
            'sanad_consumer_lag_records{consumer="sla",partition="4"}': "0x60",
            'sanad_consumer_position_records{consumer="sla",partition="4"}': "70x60",
        },
        labels={"consumer": "sla", "partition": "3"},
    ),
    Case(
        "SanadDeadLetters", "mail set 2 records aside as dead letters",
        fires={'sanad_dead_letters_total{consumer="mail"}': "0x50 2x9"},
        quiet={'sanad_dead_letters_total{consumer="mail"}': "2x60"}, labels={"consumer": "mail"},
    ),
    Case(
        "SanadDeadLettersKept", "3 dead letters of support are not settled since yesterday",
        fires={'sanad_kept_dead_letters{desk="support",instance="a"}': "3x200", 'sanad_kept_dead_letters{desk="support"}': "3x200"},
        quiet={'sanad_kept_dead_letters{desk="support"}': "3x100 0x2 1x98"}, labels={"desk": "support"},
        at="30h", every="10m",
    ),
    Case(
        "SanadSlowToRead", "One message of a hundred by email takes 29.75s until agents can read it",
        fires=buckets("sanad_message_readable_seconds", 'channel="email"', "0+25x60"),
        quiet=buckets("sanad_message_readable_seconds", 'channel="email"', "0+25x60", "0+25x60"),
        labels={"channel": "email"},
    ),
)  # fmt: skip

DOORS = (
    Case(
        "SanadDoorFails", "webform turns customers away for our fault, 0.10 a second",
        fires={'sanad_messages_refused_total{channel="webform",reason="unavailable"}': "0+3x60"},
        quiet={
            'sanad_messages_refused_total{channel="webform",reason="unavailable"}': "7x60",
            'sanad_messages_refused_total{channel="webform",reason="origin"}': "0+3x60",
        },
        labels={"channel": "webform", "reason": "unavailable"},
    ),
    Case(
        "SanadRefusesMany", "webform refuses 50% of what it is handed",
        fires={
            'sanad_messages_refused_total{channel="webform",reason="origin"}': "0+1x80",
            'sanad_messages_received_total{channel="webform"}': "0+2x80",
        },
        quiet={
            'sanad_messages_refused_total{channel="webform",reason="origin"}': "0+1x80",
            'sanad_messages_received_total{channel="webform"}': "0+10x80",
        },
        labels={"channel": "webform"}, at="40m",
    ),
    Case(
        "SanadHttpErrors", "gateway answers 10% of requests with an error of ours",
        fires={f'{HTTP}"5xx"}}': "0+1x60", f'{HTTP}"2xx"}}': "0+9x60"},
        quiet={f'{HTTP}"5xx"}}': "0x60", f'{HTTP}"2xx"}}': "0+9x60", f'{HTTP}"4xx"}}': "0+9x60"},
        labels={"service": "gateway"},
    ),
    Case(
        "SanadNoMessages", "Not one message in an hour that had more than 20 a week ago",
        fires={'sanad_messages_received_total{job="sanad",channel="email"}': "0+10x1000 10000x100"},
        quiet={'sanad_messages_received_total{job="sanad",channel="email"}': "0x1000 0x100"},
        labels={"job": "sanad"}, at="172h", every="10m",
    ),
    Case(
        "SanadMailTurnedAway", "ingest has no room for 0.20 mail clients a second",
        fires={'sanad_smtp_sessions_total{service="ingest",outcome="turned_away"}': "0+6x60"},
        quiet={
            'sanad_smtp_sessions_total{service="ingest",outcome="turned_away"}': "0x40 9x20",
            'sanad_smtp_sessions_total{service="ingest",outcome="admitted"}': "0+6x60",
        },
        labels={"service": "ingest"},
    ),
)  # fmt: skip

VERDICTS = 'sanad_targets_settled_total{target="first_reply",outcome='
PROMISES = (
    Case(
        "SanadBreachesNoticedLate", "Missed first_reply is noticed 29.75s late",
        fires=buckets("sanad_breach_detection_seconds", 'target="first_reply"', "0+25x60"),
        quiet=buckets("sanad_breach_detection_seconds", 'target="first_reply"', "0+25x60", "0+25x60"),
        labels={"target": "first_reply"},
    ),
    Case(
        "SanadOverdueUnjudged", "4 promises of support are past due without a verdict",
        fires={'sanad_overdue_clocks{desk="support"}': "4x60"},
        quiet={'sanad_overdue_clocks{desk="support"}': "0x56 4x1 0x1 4x1"}, labels={"desk": "support"},
    ),
    Case(
        "SanadBreachesMany", "50% of first_reply promises were missed in the last hour",
        fires={f'{VERDICTS}"breached"}}': "0+1x60", f'{VERDICTS}"met"}}': "0+1x60"},
        quiet={
            f'{VERDICTS}"breached"}}': "0+1x60", f'{VERDICTS}"met"}}': "0+9x60",
            'sanad_targets_settled_total{target="update",outcome="breached"}': "0x58 2x2",
            'sanad_targets_settled_total{target="update",outcome="met"}': "0x60",
        },
        labels={"target": "first_reply"},
    ),
    Case(
        "SanadQueueOld", "Somebody waits for an agent of support for 2h 0m 0s",
        fires={'sanad_queue_oldest_seconds{desk="support"}': "7200x60"},
        quiet={'sanad_queue_oldest_seconds{desk="support"}': "600x60"}, labels={"desk": "support"},
    ),
    Case(
        "SanadNobodyReady", "5 items wait at support and nobody is ready",
        fires={
            'sanad_queue_items{desk="support",team="cards",instance="a"}': "2x60",
            'sanad_queue_items{desk="support",team="cards",instance="b"}': "2x60",
            'sanad_queue_items{desk="support",team="front",instance="a"}': "3x60",
            'sanad_ready_agents{desk="support",instance="a"}': "0x60",
        },
        quiet={
            'sanad_queue_items{desk="support",team="cards"}': "2x60", 'sanad_ready_agents{desk="support"}': "1x60",
            'sanad_queue_items{desk="idle",team="cards"}': "0x60", 'sanad_ready_agents{desk="idle"}': "0x60",
        },
        labels={"desk": "support"},
    ),
)  # fmt: skip

REPORTS = 'sanad_deliveries_reported_total{job="sanad",outcome='
DELIVERIES = (
    Case(
        "SanadDeliveriesFail", "25% of deliveries failed for good",
        fires={f'{REPORTS}"failed"}}': "0+1x60", f'{REPORTS}"delivered"}}': "0+3x60"},
        quiet={f'{REPORTS}"failed"}}': "0+1x60", f'{REPORTS}"delivered"}}': "0+30x60"},
        labels={"job": "sanad"},
    ),
    Case(
        "SanadDeliveriesUnknown", "Of 1 deliveries nobody knows whether they arrived",
        fires={f'{REPORTS}"unknown"}}': "0x50 1x69"}, quiet={f'{REPORTS}"unknown"}}': "1x119"},
        labels={"job": "sanad"}, at="59m30s",
    ),
    Case(
        "SanadDeliveriesHeld", "2 deliveries of support wait for an operator",
        fires={
            'sanad_outbox_deliveries{desk="support",state="held",instance="a"}': "2x60",
            'sanad_outbox_deliveries{desk="support",state="held",instance="b"}': "2x60",
        },
        quiet={
            'sanad_outbox_deliveries{desk="support",state="held"}': "0x60",
            'sanad_outbox_deliveries{desk="support",state="waiting"}': "9x60",
        },
        labels={"desk": "support"},
    ),
    Case(
        "SanadDeliveriesWait", "A letter of support has waited 30m 0s to be sent",
        fires={'sanad_outbox_oldest_seconds{desk="support"}': "1800x60"},
        quiet={'sanad_outbox_oldest_seconds{desk="support"}': "60x60"}, labels={"desk": "support"},
    ),
    Case(
        "SanadAccountPaused", "1 accounts of support send nothing because the other side fails",
        fires={
            'sanad_paused_accounts{desk="support",instance="a"}': "1x60",
            'sanad_paused_accounts{desk="support",instance="b"}': "0x60",
        },
        quiet={'sanad_paused_accounts{desk="support"}': "1x55 0x2 1x2"}, labels={"desk": "support"},
    ),
)  # fmt: skip

CASES = (*PROCESS, *FLOW, *DOORS, *PROMISES, *DELIVERIES)
