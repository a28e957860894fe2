"""What is read from words alone: the language they are in, whether they are nothing but a thank-you, how they sound."""

from core.routing.signals.courtesies import pleasantry, thanks
from core.routing.signals.languages import Guess, language

__all__ = ["Guess", "language", "pleasantry", "thanks"]
