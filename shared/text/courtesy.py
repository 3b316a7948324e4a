"""Messages that say one thing only: thanks, or "stop writing to me"."""

from shared.text.folding import fold, words

_THANKS = frozenset(
    words(
        "thanks thank thx thnx tnx ty tysm cheers appreciated grateful merci gracias danke "
        "شكرا شكر اشكرك اشكركم نشكركم نشكرك مشكور مشكوره مشكورين مشكورون متشكر متشكره متشكرين تشكر تسلم تسلمي تسلمو "
        "تسلموا يسلمو يسلموا ممنون ممنونه ممتن ممتنه ممنونين جزاك جزاكم العافيه شاكر شاكره شاكرين"
    )
)
_COURTESY = frozenset(
    words(
        "you u so very much many a lot again all for your the help support quick fast reply answer and ok okay great good "
        "perfect awesome excellent wonderful nice kind kindly dear team sir madam hi hello best regards kind warm it that "
        "works now solved fixed done received nice really million bunch everything "
        "جزيلا لك لكم لكي جدا كثيرا كتير كتيرا الف مليون علي على المساعده مساعدتك مساعدتكم الدعم دعمكم سرعه الرد ردكم ردك "
        "وصل تم تمام ممتاز رائع حسنا طيب اوكي يا اخي اختي عزيزي فريق استاذ استاذه الله خيرا خير يعطيك يعطيكم عافيه و "
        "تحياتي تحيه مع السلام عليكم مرحبا اهلا انا من القلب اهتمامكم اهتمامك تعاونكم تعاونك حل المشكله تعبكم تعبك"
    )
)
_MOST_WORDS_OF_THANKS = 16


def is_thanks_only(text: str, sender_name: str = "") -> bool:
    """Whether the whole message only says thanks (English, Arabic), perhaps signed with the sender's name.

    Careful in one direction: any question, number or word beyond courtesy makes it an ordinary message.
    """
    if "?" in text or "؟" in text:
        return False
    spoken = words(text)
    if not 0 < len(spoken) <= _MOST_WORDS_OF_THANKS:
        return False
    known = _COURTESY.union(words(sender_name))
    thankful = [_thanks(word) for word in spoken]
    return any(thankful) and all(thanks or word in known for thanks, word in zip(thankful, spoken, strict=True))


def _thanks(word: str) -> bool:
    return word in _THANKS or (word.startswith("و") and word[1:] in _THANKS)


# «إلغاء» is missing on purpose: alone it also means "cancel my order".
_OPT_OUT = frozenset(
    fold(phrase)
    for phrase in ("stop", "stop all", "stopall", "unsubscribe", "opt out", "إيقاف", "أوقف", "إلغاء الاشتراك")
)


def is_opt_out_only(text: str) -> bool:
    """Whether the whole message is one of the opt-out words (STOP, إيقاف …) and nothing else."""
    return " ".join(words(text)) in _OPT_OUT
