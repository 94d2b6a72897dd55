"""How right the pure rooms are, on rows that people labelled: a task answers each row, then judges the answers.

`sets/<task>/working.jsonl` may be read while one works on the rules; `heldout.jsonl` is measured and never read.
Pure, but for reading a set.
"""

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.evaluation.task import TASKS, Task

__all__ = ["TASKS", "Figures", "Miss", "Rate", "Task"]
