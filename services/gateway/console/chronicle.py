"""A ticket's history in sentences. Facts hold ids and values; who is meant is looked up, text is never repeated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.gateway.console.labels import Labels, isolate
from shared.i18n import duration, number, translations

Fact = Mapping[str, Any]
AGENT_FIELDS = ("agent", "owner", "former", "by")


@dataclass(frozen=True, slots=True)
class Happening:
    """One sentence, when, and for an assignment why it went to whom it went."""

    at: int
    seq: int
    text: str
    by: str = ""
    why: Fact | None = None
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """Puts facts into words of one language."""

    labels: Labels
    people: Mapping[str, str]
    words: Callable[[str], str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", translations(self.labels.language).gettext)

    def say(self, sentence: str, **names: str) -> str:
        return self.words(sentence) % {name: isolate(value) for name, value in names.items()}

    def person(self, agent: str | None) -> str:
        return self.people.get(agent or "") or agent or "–"

    def count(self, figure: int) -> str:
        return number(figure, self.labels.language)

    def length(self, span: int) -> str:
        return duration(span, self.labels.language)


def _opened(voice: Voice, fact: Fact) -> str:
    sentence = "Opened in %(team)s as %(category)s, %(priority)s, by the rule %(rule)s"
    if fact.get("cause") == "agent":
        sentence = "Opened by hand in %(team)s as %(category)s, %(priority)s"
    return voice.say(
        sentence,
        team=voice.labels.name("team", fact["team"]), category=voice.labels.name("category", fact["category"]),
        priority=voice.labels.name("priority", fact["priority"]), rule=fact["rule"],
    )  # fmt: skip


def _status(voice: Voice, fact: Fact) -> str:
    return voice.say(
        "Status: %(status)s (%(cause)s)",
        status=voice.labels.word("status", fact["status"]), cause=voice.labels.word("cause", fact.get("cause")) or "–",
    )  # fmt: skip


def _sub_status(voice: Voice, fact: Fact) -> str:
    if not fact.get("sub_status"):
        return voice.words("The status has no closer name any more")
    return voice.say("More closely: %(name)s", name=voice.labels.name("sub_status", fact["sub_status"]))


def _owner(voice: Voice, fact: Fact) -> str:
    if not fact.get("owner"):
        return voice.say("Nobody owns it now; before: %(agent)s", agent=voice.person(fact.get("former")))
    return voice.say("Owner: %(agent)s", agent=voice.person(fact["owner"]))


def _assigned(voice: Voice, fact: Fact) -> str:
    sentence = "Assigned to %(agent)s, %(how)s"
    if fact.get("forced"):
        sentence = "Assigned to %(agent)s above capacity, %(how)s"
    return voice.say(sentence, agent=voice.person(fact["agent"]), how=voice.labels.word("how", fact["how"]))


def _queued(voice: Voice, fact: Fact) -> str:
    return voice.say(
        "Waits in %(team)s (%(cause)s)",
        team=voice.labels.name("team", fact["team"]), cause=voice.labels.word("cause", fact["cause"]),
    )  # fmt: skip


def _left(sentence: str) -> Callable[[Voice, Fact], str]:
    def told(voice: Voice, fact: Fact) -> str:
        cause = voice.labels.word("cause", fact.get("cause"))
        return voice.say(sentence, agent=voice.person(fact.get("agent")), cause=cause or "–")

    return told


def _routed(voice: Voice, fact: Fact) -> str:
    return voice.say(
        "Moved from %(former)s to %(team)s, tier %(tier)s",
        former=voice.labels.name("team", fact["former_team"]), team=voice.labels.name("team", fact["team"]),
        tier=voice.count(fact["tier"]),
    )  # fmt: skip


def _tagged(voice: Voice, fact: Fact) -> str:
    marks = [f"+{isolate(tag)}" for tag in fact.get("added", ())]
    marks += [f"−{isolate(tag)}" for tag in fact.get("removed", ())]
    return voice.words("Tags: %(tags)s") % {"tags": " ".join(marks)}


def _sent(voice: Voice, fact: Fact) -> str:
    if fact.get("author_kind") != "agent":
        return voice.words("An automatic message went out")
    return voice.say("%(by)s replied", by=voice.person(fact["by"]))


def _named(sentence: str, **fields: tuple[str, str]) -> Callable[[Voice, Fact], str]:
    """A sentence whose names are single fields: (kind of noun or table, field)."""

    def told(voice: Voice, fact: Fact) -> str:
        return voice.say(sentence, **{name: _called(voice, *where, fact) for name, where in fields.items()})

    return told


def _called(voice: Voice, kind: str, name: str, fact: Fact) -> str:
    value = fact.get(name)
    if kind == "person":
        return voice.person(value)
    if kind in {"priority", "category", "team"}:
        return voice.labels.name(kind, value)
    if kind == "plain":
        return str(value or "–")
    return voice.labels.word(kind, value) or "–"


def _clock(sentence: str) -> Callable[[Voice, Fact], str]:
    return _named(sentence, target=("target", "target"))


SENTENCES: Mapping[str, Callable[[Voice, Fact], str]] = {
    "sanad.ticket.opened.v1": _opened,
    "sanad.ticket.status_changed.v1": _status,
    "sanad.ticket.sub_status_changed.v1": _sub_status,
    "sanad.ticket.prioritised.v1": _named("Priority: %(priority)s", priority=("priority", "priority")),
    "sanad.ticket.categorised.v1": _named(
        "Category: %(category)s, type: %(type)s", category=("category", "category"), type=("type", "ticket_type")
    ),
    "sanad.ticket.tagged.v1": _tagged,
    "sanad.ticket.fields_changed.v1": _named("Fields of the form changed"),
    "sanad.ticket.routed.v1": _routed,
    "sanad.ticket.owner_changed.v1": _owner,
    "sanad.ticket.spam_marked.v1": lambda voice, fact: voice.say(
        "Marked as spam" if fact["spam"] else "No longer spam"
    ),
    "sanad.ticket.merged.v1": _named("Merged into another ticket"),
    "sanad.ticket.unmerged.v1": _named("The merge was taken back"),
    "sanad.ticket.linked.v1": _named("Related to another ticket: %(kind)s", kind=("link", "kind")),
    "sanad.ticket.unlinked.v1": _named("No longer related to another ticket"),
    "sanad.ticket.escalated.v1": _named("Escalated: %(target)s, %(cause)s", target=("target", "target"), cause=("cause", "cause")),
    "sanad.message.received.v1": _named("The customer wrote (%(channel)s)", channel=("channel", "channel")),
    "sanad.message.sent.v1": _sent,
    "sanad.message.noted.v1": _named("%(by)s left a note", by=("person", "by")),
    "sanad.message.moved.v1": _named("A message was moved to another ticket"),
    "sanad.delivery.reported.v1": _named("Message to the customer: %(outcome)s", outcome=("delivery", "outcome")),
    "sanad.conversation.opened.v1": _named("A conversation began (%(channel)s)", channel=("channel", "channel")),
    "sanad.conversation.moved.v1": _named("A conversation was moved"),
    "sanad.work.queued.v1": _queued,
    "sanad.work.assigned.v1": _assigned,
    "sanad.work.offered.v1": _named("Offered to %(agent)s", agent=("person", "agent")),
    "sanad.work.offer_lapsed.v1": _left("%(agent)s did not take the offer (%(cause)s)"),
    "sanad.work.released.v1": _left("%(agent)s no longer has it (%(cause)s)"),
    "sanad.work.finished.v1": _left("Nothing is left to do (%(cause)s)"),
    "sanad.task.opened.v1": _named("Task: %(purpose)s", purpose=("purpose", "purpose")),
    "sanad.task.completed.v1": _named("Task done by %(by)s", by=("person", "by")),
    "sanad.target.started.v1": _clock("Clock started: %(target)s"),
    "sanad.target.paused.v1": _clock("Clock paused: %(target)s"),
    "sanad.target.resumed.v1": _clock("Clock runs again: %(target)s"),
    "sanad.target.replanned.v1": _clock("New deadline: %(target)s"),
    "sanad.target.warned.v1": _clock("Soon due: %(target)s"),
    "sanad.target.met.v1": _clock("In time: %(target)s"),
    "sanad.target.breached.v1": _clock("Missed: %(target)s"),
    "sanad.target.cancelled.v1": _clock("No longer promised: %(target)s"),
}  # fmt: skip
MOODS = {"sanad.target.breached.v1": "late", "sanad.target.warned.v1": "soon", "sanad.target.met.v1": "good"}


def people_in(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    """Everybody the history names."""
    named: set[str] = set()
    for entry in entries:
        named.add(entry.get("by") or "")
        for line in entry["entries"]:
            fact = line["fact"]
            named |= {fact[name] for name in AGENT_FIELDS if isinstance(fact.get(name), str)}
            named |= {one["agent"] for one in fact.get("why", {}).get("candidates", ())}
    return named - {""}


def tell(entries: Sequence[Mapping[str, Any]], voice: Voice) -> Iterator[Happening]:
    """A sentence a fact, latest first; a fact without a sentence of its own is told by its type."""
    for entry in sorted(entries, key=lambda one: one["at"], reverse=True):
        for line in reversed(entry["entries"]):
            kind, fact = line["type"], line["fact"]
            told, by = SENTENCES.get(kind), voice.people.get(entry.get("by") or "", "")
            text = told(voice, fact) if told else kind
            yield Happening(
                at=entry["at"], seq=line["seq"], text=text, by=by if isolate(by) not in text else "",
                why=fact.get("why"), mood=MOODS.get(kind, ""),
            )  # fmt: skip
