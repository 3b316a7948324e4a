"""Customers who do not give up: every message is delivered until it is acknowledged, some of them once more."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any

import httpx2

from tests.e2e.crashing.relay import Relay
from tests.e2e.letters import Letter, answer
from tests.traffic.corpus import Wording
from tests.traffic.plan import Message, plan
from tests.traffic.post import Postman

PAUSE = 0.2
"""Before a delivery that failed is tried again."""
INVENTED = (
    Wording("I lost my card at the airport, please block it", "en", "lost_card"),
    Wording("ضاعت بطاقتي في السوق وأريد إيقافها", "ar", "lost_card"),
    Wording("My transfer has not arrived after three days", "en", "transfer"),
    Wording("لم تصل الحوالة التي أرسلتها الأسبوع الماضي", "ar", "transfer"),
    Wording("How do I top up my account with a cheque?", "en", "topup"),
    Wording("أريد فتح حساب لابنتي، ما هو الحد الأدنى للعمر؟", "ar", "account"),
    Wording("The app crashes whenever I log in", "en", "app"),
    Wording("نسيت كلمة المرور ولا أستطيع الدخول", "ar", "password"),
    Wording("This is unacceptable, I want to make a complaint", "en", "complaint"),
    Wording("There is a payment I do not recognise, someone used my card", "en", "fraud"),
    Wording("خدمتكم سيئة جدا وأريد تقديم شكوى", "ar", "complaint"),
    Wording("Good morning, what are your opening hours?", "en", "general"),
)
CUSTOMERS = 400


async def persist(send: Callable[..., Awaitable[bool]], *given: Any) -> None:
    """Again and again, until it was taken."""
    taken = await send(*given)
    while not taken:
        await asyncio.sleep(PAUSE)
        taken = await send(*given)


class Customers:
    """Everybody who writes to the desk. `first` is the number of the first message and of the first of them; no two
    desks share one."""

    def __init__(self, post: Postman, relay: Relay, seed: int, every: float, first: int = 0) -> None:
        self.post, self._relay, self._every = post, relay, every
        self._draw = random.Random(seed)
        self.sent: list[Message] = []
        self.begun: dict[str, int] = {}
        """By mark, when it was first given to a door: milliseconds since 1970."""
        self.answers: dict[str, str] = {}
        """Mark of every answer that was acknowledged → address of its writer."""
        self.scores = 0
        self.writing = True
        self._first, self._numbers = first, count(first)
        self._under_way: list[asyncio.Task[None]] = []
        self._read = 0

    async def run(self) -> None:
        """Write and answer until told to stop writing, then bring home what is under way."""
        while self.writing:
            self.burst(1)
            self._read_letters()
            self._reap()
            await asyncio.sleep(self._every * self._draw.uniform(0.3, 1.7))
        await asyncio.gather(*self._under_way)

    def burst(self, messages: int) -> None:
        """So many at this moment."""
        for _ in range(messages):
            self._begin(self._deliver(self._compose(next(self._numbers))))

    def _compose(self, number: int) -> Message:
        (message,) = plan([self._draw.choice(INVENTED)], self._draw.randrange(1 << 30), number)
        customer = f"customer{self._first + self._draw.randrange(CUSTOMERS)}"
        message = Message(
            number, customer, message.door, message.text, message.language, message.label, message.written_at
        )  # fmt: skip
        self.sent.append(message)
        return message

    async def _deliver(self, message: Message) -> None:
        self.begun[message.mark] = time.time_ns() // 1_000_000
        await persist(self.post.send, message)
        if self._draw.random() < 0.3:
            await asyncio.sleep(self._draw.uniform(0, 2))
            await self.post.send(message)

    def _read_letters(self) -> None:
        """Some answer what they were sent; who is asked how it went may say so."""
        for letter in self._relay.letters[self._read :]:
            self._read += 1
            if letter.sender != self.post.mailbox:
                continue  # another desk's: it has customers of its own
            if letter.link and self._draw.random() < 0.6:
                self._begin(self._rate(letter))
            elif not letter.automatic and self._draw.random() < 0.3:
                self._begin(self._answer(letter, f"answer{self._first + self._read:06d}x"))

    async def _answer(self, letter: Letter, mark: str) -> None:
        thanks = self._draw.random() < 0.2
        text = "شكراً" if thanks else f"One more thing. {mark}"
        mail = answer(letter, text, mark=mark)
        await persist(self.post.send_mail, mail, letter.to, letter.reply_to)
        if not thanks:
            self.answers[mark] = letter.to

    async def _rate(self, letter: Letter) -> None:
        score = str(self._draw.choice((1, 2, 3, 4, 5, 5)))
        async with httpx2.AsyncClient(timeout=10) as browser:
            while True:
                try:
                    seen = await browser.post(letter.link, data={"score": score, "comment": "تم"})
                except httpx2.HTTPError:
                    seen = None
                if seen is not None and seen.status_code < 500:  # counted, or closed meanwhile
                    self.scores += seen.is_success
                    return
                await asyncio.sleep(PAUSE)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._under_way.append(asyncio.create_task(work))

    def _reap(self) -> None:
        """Let go of what has ended. Raises what went wrong in it."""
        for task in [task for task in self._under_way if task.done()]:
            self._under_way.remove(task)
            task.result()
