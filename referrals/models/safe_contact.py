from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from referrals.enums import ContactSafety
from referrals.words import join_in_words

_WAYS = {
    "ring": pgettext_lazy("it is safe to", "ring"),
    "write": pgettext_lazy("it is safe to", "write"),
    "leave_message": pgettext_lazy("it is safe to", "leave a message"),
}


@dataclass(frozen=True, slots=True)
class SafeContact:
    """Which ways of getting in touch with a person are safe, as a referrer or the person has said.

    write: by e-mail, text or letter. others: who else may see or hear what is sent.
    """

    ring: str = ContactSafety.NOT_SAID
    write: str = ContactSafety.NOT_SAID
    leave_message: str = ContactSafety.NOT_SAID
    others: str = ""

    @property
    def forbids_ringing(self) -> bool:
        return self.ring == ContactSafety.UNSAFE

    @property
    def forbids_writing(self) -> bool:
        return self.write == ContactSafety.UNSAFE

    @property
    def in_words(self) -> str:
        """Return "Not safe to ring or leave a message. Safe to write."; empty if nothing was said of any way."""
        unsafe = self._ways(ContactSafety.UNSAFE)
        safe = self._ways(ContactSafety.SAFE)
        sentences = [
            _("Not safe to %(ways)s.") % {"ways": join_in_words(unsafe, "or")} if unsafe else "",
            _("Safe to %(ways)s.") % {"ways": join_in_words(safe)} if safe else "",
        ]
        return " ".join(filter(None, sentences))

    def _ways(self, answer: ContactSafety) -> list[str]:
        return [str(words) for name, words in _WAYS.items() if getattr(self, name) == answer]
