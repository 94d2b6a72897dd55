"""What is said: facts of a text, two texts held against each other, and the same news told twice. Pure: no Django, clock or file."""

from diffusion.facts.compare import compare
from diffusion.facts.duplicates import same_news
from diffusion.facts.essential import essential_facts
from diffusion.facts.extract import extract
from diffusion.facts.fact import KINDS, Comparison, Extraction, Fact, Fault, Warning_
from diffusion.facts.gazetteer import Gazetteer

__all__ = [
    "KINDS",
    "Comparison",
    "Extraction",
    "Fact",
    "Fault",
    "Gazetteer",
    "Warning_",
    "compare",
    "essential_facts",
    "extract",
    "same_news",
]
