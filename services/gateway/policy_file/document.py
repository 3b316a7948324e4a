"""desk.yaml as written, before names are resolved."""

from pydantic import Field

from shared.policy.calendar import CalendarFile
from shared.policy.classification import RuleFile
from shared.policy.noun import Id, Named
from shared.policy.sections import Sections
from shared.policy.words import WordListFile

THANKS = WordListFile(
    ar=(
        "شكرا", "شكرا لك", "شكرا لكم", "شكرا جزيلا", "شكرا كثيرا", "الف شكر", "مشكور", "مشكورين", "مشكورة",
        "يعطيك العافية", "يعطيكم العافية", "جزاك الله خيرا", "جزاكم الله خيرا", "تسلم", "تسلمون", "ممتن لكم", "تمام شكرا",
    ),
    en=(
        "thanks", "thank you", "thank you very much", "thank you so much", "many thanks", "thanks a lot", "thx",
        "ok thanks", "great thanks", "perfect thank you", "much appreciated", "cheers",
    ),
)  # fmt: skip
OPT_OUT = WordListFile(
    ar=("إيقاف", "إيقاف الرسائل", "إلغاء الاشتراك"), en=("stop", "stop all", "stopall", "unsubscribe")
)


class PolicyFile(Sections):
    """The sections that need compiling, beside those that don't."""

    calendars: Named[CalendarFile] = Field(default_factory=dict)
    words: dict[Id, WordListFile] = Field(default_factory=dict)
    thanks: WordListFile = THANKS
    opt_out: WordListFile = OPT_OUT
    rules: tuple[RuleFile, ...] = Field(min_length=1)
