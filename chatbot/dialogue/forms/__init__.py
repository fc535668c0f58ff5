"""Forms: several questions one after another (corpus/forms/*.yaml). In: a reading. Out: the next question, or the end.

`declared` is what a form's file says, `values` what a sentence tells it, `wording` how people drop, resume and correct
it, `speaker` fills it, `made` speaks of what it has made.
"""

from chatbot.dialogue.forms.declared import Form, Slot, read_forms
from chatbot.dialogue.forms.speaker import FormSpeaker

__all__ = ["Form", "FormSpeaker", "Slot", "read_forms"]
