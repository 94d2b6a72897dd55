"""How it is said: rules of typography and of a charter's tone, as data with their own proofs. Pure: no Django, no clock, no network."""

from diffusion.tone.engine import apply, check
from diffusion.tone.load import typography
from diffusion.tone.rule import Applied, Change, Finding, Fix, Rule

__all__ = ["Applied", "Change", "Finding", "Fix", "Rule", "apply", "check", "typography"]
