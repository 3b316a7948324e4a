"""The console over a world of its own: the example desk's policy, some people, and a browser that reads pages."""

from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx2

from services.gateway.accounts.sessions import COOKIE
from services.gateway.console import build_console
from services.gateway.gate import Gate
from services.gateway.policy_file.loader import load_policy
from shared.catalogue import facts as f
from shared.catalogue.commands import PutAgent, ReceiveMessage
from shared.catalogue.topics import SLA, SURVEYS
from shared.catalogue.values import Attachment, Contact
from shared.http import Door, build_app
from shared.policy.policy import Policy
from shared.policy.terms import Channel
from tests.unit.gateway import facts as say
from tests.unit.gateway.console.reading import Shown
from tests.unit.gateway.serving import CURRENT, Server
from tests.unit.gateway.world import NOW, OURS, World, principal

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@cache
def policy() -> Policy:
    """That of the example desk, in force here."""
    return load_policy(Path("deploy/desk.yaml").read_text(), NOW).at_version(1)


@cache
def application() -> Door:
    """The one application of all tests: compiling its templates anew for each would take most of their time."""
    return build_app([build_console(cast("Gate", CURRENT))], CURRENT.tell)


class House:
    """A desk that is open, and its pages."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.world: World = server.world
        self.failures = server.failures

    async def furnish(self) -> "House":
        """The policy, and Sara who leads the cards."""
        await self.world.say(f.PolicyApplied(desk=OURS, version=1, policy=policy()))
        await self.person("sara", "سارة القحطاني", role="lead", team="cards")
        return self

    async def person(self, seat: str, name: str, *, ready: bool = True, **more: Any) -> None:
        by = principal(seat="setup", role="admin")
        await self.world.command(
            PutAgent(by=by, agent=seat, name=name, email=f"{seat}@example.com"), f"put-{seat}"
        )  # fmt: skip
        presence = f.PresenceChanged(
            agent=seat, state="ready" if ready else "not_ready", reason="" if ready else "prayer"
        )
        await self.world.say(say.agent(seat, **{"team": "cards", **more}), presence)
        await self.world.catch_up()

    async def mail(self, text: str = "أين بطاقتي؟", subject: str = "بطاقتي", message: str = "m1", **more: Any) -> None:
        """What a customer wrote; the fact about it is told apart."""
        name = more.pop("name", "هدى")
        command = ReceiveMessage(
            by=principal(seat="mail", role="system"), message=message, channel=Channel.EMAIL, account="mail",
            sent_at=NOW, sender=Contact(id="p1", kind="email", address="huda@example.com", name=name),
            subject=subject, text=text, **more,
        )  # fmt: skip
        await self.world.command(command, f"mail-{message}")

    async def ticket(self, text: str = "أين بطاقتي؟", subject: str = "بطاقتي", **more: Any) -> None:
        """t1, number 1024, held by Sara, with one message."""
        await self.mail(text, subject, **more)
        await self.world.say(*say.intake())
        await self.world.catch_up()

    async def tell(self, *told: f.Fact, topic: str = "") -> None:
        if topic:
            await self.world.say(*told, topic=topic)
        else:
            await self.world.say(*told)
        await self.world.catch_up()

    async def clock(self, ticket: str = "t1", target: Any = "first_reply", due: int | None = NOW + 60_000) -> None:
        started = f.TargetStarted(
            ticket=ticket, target=target, cycle=1, started_at=NOW, due_at=due, budget=60_000, calendar=None,
            sla_policy="default", policy_version=1,
        )  # fmt: skip
        await self.tell(started, topic=SLA.name)

    async def survey(self, score: int, comment: str = "") -> None:
        from shared.catalogue.commands import AnswerSurvey

        names: dict[str, Any] = {"survey": "s1", "ticket": "t1", "resolution": 1, "kind": "csat"}
        by = principal(seat="survey", role="system")
        await self.world.command(AnswerSurvey(by=by, score=score, comment=comment, language="ar", **names), "answer")
        answered = f.SurveyAnswered(
            customer="c1", owner="sara", team="cards", score=score, low=score < 3, comment=bool(comment), language="ar",
            wording="w", **names,
        )  # fmt: skip
        await self.tell(answered, topic=SURVEYS.name)

    async def browser(self, seat: str = "sara", language: str = "en") -> httpx2.AsyncClient:
        """Signed in; "" is somebody who is not."""
        cookies = {COOKIE: await self.server.session(seat)} if seat else {}
        transport = httpx2.ASGITransport(app=application())
        return httpx2.AsyncClient(
            transport=transport, base_url="http://desk.test", cookies={**cookies, "sanad_language": language},
            headers=SAME_SITE,
        )  # fmt: skip

    async def page(self, path: str, *, seat: str = "sara", language: str = "en", status: int = 200) -> Shown:
        """The page as it is read; every page is checked for what holds for all."""
        async with await self.browser(seat, language) as browser:
            response = await browser.get(path)
        assert response.status_code == status, (response.status_code, self.failures)
        shown = Shown(response.text)
        shown.check(language)
        return shown


def file(name: str = "كشف.pdf", size: int = 1_500) -> Attachment:
    return Attachment(blob="b" * 64, name=name, media_type="application/pdf", size=size)
