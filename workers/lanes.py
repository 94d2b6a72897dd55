"""Lanes: queues that never wait for each other. Named once, with who serves them."""

from diffusion.delivery.models import Lane

ALL = tuple(lane.value for lane in Lane)

KEPT_FREE = (Lane.URGENT.value,)
"""In one process, a thread of its own serves these alone: eight stalled servers don't keep an alert waiting."""
