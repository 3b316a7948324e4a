"""Asking afterwards: when, how often and in which words."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from shared.clock import DAY, HOUR, MINUTE, Ms
from shared.policy.noun import Length, Localised, Misfit, Noun, Text
from shared.policy.terms import Purpose
from shared.policy.zone import Zone

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class QuietHours(Noun):
    """Local minutes of the day in which nobody is asked; may run over midnight. Equal ends: never quiet."""

    start: int = Field(ge=0, lt=1440)
    end: int = Field(ge=0, lt=1440)

    def next_allowed(self, at: Ms, zone: Zone) -> Ms:
        """`at` itself where it is not quiet, else the end of the quiet hours on the zone's own clock."""
        local = zone.local(at)
        midnight = local - local % DAY
        start, end, now = self.start * MINUTE, self.end * MINUTE, local % DAY
        if start == end or not ((start <= now < end) if start < end else (now >= start or now < end)):
            return at
        return max(at, zone.instant(midnight + end + (DAY if start > end and now >= start else 0)))


def read_quiet_hours(written: Any) -> Any:
    if isinstance(written, str):
        parts = _HOURS.fullmatch(written)
        if not parts:
            raise Misfit("these are no quiet hours", 'write them as "21:00-09:00"')
        from_hour, from_minute, to_hour, to_minute = map(int, parts.groups())
        return {"start": from_hour * 60 + from_minute, "end": to_hour * 60 + to_minute}
    return written


class CsatQuestion(Noun):
    """Wording and direction are stored with the answer, so a later change rewrites no past."""

    ask: Text = Localised(
        en="How satisfied are you with the help you received?", ar="ما مدى رضاك عن المساعدة التي تلقيتها؟"
    )
    lowest: Text = Localised(en="Very dissatisfied", ar="غير راضٍ إطلاقاً")
    highest: Text = Localised(en="Very satisfied", ar="راضٍ جداً")
    comment: Text = Localised(en="What could we have done better?", ar="ما الذي كان يمكننا تحسينه؟")
    thanks: Text = Localised(en="Thank you. Your answer has been counted.", ar="شكراً لك. تم تسجيل إجابتك.")


class CsatSurvey(Noun):
    """CSAT, 1 to 5, once per resolution at most. Scores up to `low_score` open a task for the lead."""

    enabled: bool = True
    delay: Length = HOUR
    reminder_after: Length | None = 2 * DAY
    """After the invitation; none: no reminder."""
    expires_after: Length = 7 * DAY
    once_per: Length = 30 * DAY
    """No customer is asked twice within this time."""
    quiet: Annotated[QuietHours, BeforeValidator(read_quiet_hours)] | None = QuietHours(start=1260, end=540)
    low_score: int = Field(default=2, ge=0, le=4)
    purpose: Purpose = Purpose.SURVEY
    question: CsatQuestion = CsatQuestion()


class Surveys(Noun):
    csat: CsatSurvey = CsatSurvey()
