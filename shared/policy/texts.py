"""What the desk writes by itself. An automatic text never repeats what a customer wrote."""

from pydantic import Field

from shared.policy.noun import Localised, Noun, Text

PLACEHOLDERS = ("number", "desk", "brand", "link", "agent")


class AutomaticText(Noun):
    """`{number}`, `{desk}`, `{brand}`, `{link}` and `{agent}` are filled in; anything else is refused."""

    enabled: bool = True
    subject: Text = Field(default=Localised())
    body: Text = Field(default=Localised())

    def written(self, language: str, **values: str) -> tuple[str, str]:
        """Subject and body in `language` with the placeholders filled in; unknown ones stay empty."""
        known = {name: values.get(name, "") for name in PLACEHOLDERS}
        return self.subject.in_language(language).format(**known), self.body.in_language(language).format(**known)


class AutomaticTexts(Noun):
    acknowledgement: AutomaticText = AutomaticText(
        subject=Localised(en="We have received your message – {number}", ar="استلمنا رسالتك – {number}"),
        body=Localised(
            en="Thank you for writing to {brand}. Your request has the number {number}; reply to this message to add to it.",
            ar="شكراً لتواصلك مع {brand}. رقم طلبك {number}، ويمكنك الرد على هذه الرسالة لإضافة أي تفاصيل.",
        ),
    )
    survey_invitation: AutomaticText = AutomaticText(
        subject=Localised(en="How did we do? – {number}", ar="كيف كانت خدمتنا؟ – {number}"),
        body=Localised(
            en="Your request {number} has been resolved. Please tell us how it went: {link}",
            ar="تم حل طلبك رقم {number}. نرجو أن تخبرنا برأيك: {link}",
        ),
    )
    survey_reminder: AutomaticText = AutomaticText(
        subject=Localised(en="A short question about {number}", ar="سؤال قصير عن طلبك {number}"),
        body=Localised(
            en="If you have a minute, we would still like to hear how your request {number} went: {link}",
            ar="إن كان لديك دقيقة، يسعدنا أن نعرف رأيك في معالجة طلبك رقم {number}: {link}",
        ),
    )
