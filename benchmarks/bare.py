"""The barest Celery task that sends the same post by the same way out, and stores nothing: what ours is compared with.

`python bare.py BROKER URL COUNT THREADS`: offers COUNT tasks, then works on threads until it is ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from celery import Celery

sys.path.insert(0, str(Path(__file__).parents[1]))
from channels.http import Http

BROKER, URL, COUNT, THREADS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
TEXT = "L’eau sera coupée mercredi 17 juin 2026, de 8 h 30 à 12 h 30, rue des Tilleuls, à Saint-Aubin. "

app = Celery("bare", broker=BROKER)
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)
if BROKER.startswith("memory:"):
    app.conf.broker_transport_options = {"polling_interval": 0.01}  # as ours: its own is a second
http = Http(private_hosts=frozenset({"127.0.0.1"}))


@app.task
def post(number: int) -> None:
    body = {"status": f"{TEXT}{number}", "visibility": "public", "language": "fr"}
    headers = {"Authorization": "Bearer rehearsal", "Idempotency-Key": f"bare-{number}"}
    answer = http.post_once("POST", f"{URL}/api/v1/statuses", headers=headers, json=body, deadline_s=20)
    if answer.status != 200:
        raise RuntimeError(answer.evidence)


if __name__ == "__main__":
    for number in range(COUNT):
        post.delay(number)
    app.Worker(
        pool="threads", concurrency=THREADS, without_gossip=True, without_mingle=True, without_heartbeat=True,
        quiet=True, loglevel="ERROR",
    ).start()  # fmt: skip
