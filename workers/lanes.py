"""Lanes: queues that never wait for each other. Named once, with who serves them."""

from diffusion.delivery.models import Lane

OUTWARD = (Lane.URGENT, Lane.SOCIAL, Lane.INTRANET, Lane.MAIL)
"""Lanes that deliver; the order is the order in which a waking worker is told."""

ALL = tuple(lane.value for lane in Lane)

THREADS = {"urgent": 1, "rest": None}
"""In one process, one thread is kept for urgent alone; the rest share the others (`DIFFUSION_WORKER_THREADS`)."""
