"""A town on its feet in a process of its own, for a browser to walk through: `python -m tests.web.stage SCENE`.

Two scenes. `work` is the product as `up` runs it, with its clock and workers, the demonstration's people and accounts,
rehearsal servers, and nothing yet on anybody's desk. `show` answers pages alone, each of which has something to show
(`show.py`). The home and the address come from the environment.

One JSON object a line: the first says that pages are answered; then each line read, `{"do": …}`, is answered by one.
It ends when nobody is left to ask.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from diffusion.cli import main as faces

if TYPE_CHECKING:
    from workers.rehearsal import Rehearsal

LEAD = timedelta(seconds=1)
Acts = dict[str, Callable[..., Any]]


def _work(rehearsal: Rehearsal) -> Acts:
    """The town, and what can be asked of it."""
    from django.utils import timezone

    from diffusion.cli import demo
    from diffusion.newsletter.models import List

    mastodon = rehearsal.servers["mastodon"]
    story = demo.Story(timezone.localdate())
    story.data["sources"] = []  # what comes in, people hand in
    demo.build(story, feeds="", lead=LEAD)
    return {
        "link": _link,
        "letter": lambda: List.objects.get().public_id,
        "publish": _publish,
        "break": lambda **fault: mastodon.faults.arm(**fault),
        "mend": mastodon.faults.clear,
        "last_look": _last_look,
        "mastodon": lambda: [status.text for status in mastodon.state.newest()],
    }


def _link(email: str) -> str:
    """A one-time way in, as `diffusion person link` makes it."""
    from django.conf import settings

    from diffusion.directory.models import Person
    from diffusion.directory.people import make_link

    return f"{settings.BASE_URL}/in/{make_link(Person.objects.get(email=email))}"


def _publish(title: str, body: str, lead_s: float = LEAD.total_seconds()) -> str:
    """A message of the Culture, through every yes, planned for now. Returns its public id."""
    from diffusion.approval import decide
    from diffusion.delivery import plan
    from diffusion.directory.models import Directorate, Person
    from diffusion.message import write
    from diffusion.rendition.versions import compose_all

    ines, sophie = (Person.objects.get(email__startswith=name) for name in ("ines", "sophie"))
    unit = Directorate.objects.get(slug="culture")
    made = write.draft(write.Words(title, body), by=ines, directorate=unit, levels=["internal", "public"])
    compose_all(made)
    made.lead = timedelta(seconds=lead_s)
    made.save(update_fields=["lead"])
    decide.approve(decide.ask(made, by=ines), by=sophie)
    plan.plan(made, by=ines)
    return made.public_id


def _last_look() -> int:
    """Looking has failed for as long as it may: the next look is the last. Returns how many are in doubt."""
    from django.utils import timezone

    from diffusion.delivery.models import Delivery
    from diffusion.delivery.reconcile import FAILING_S
    from diffusion.delivery.states import State

    now = timezone.now()
    in_doubt = Delivery.objects.filter(state=State.UNCERTAIN)
    return in_doubt.update(doubt_at=now - timedelta(seconds=FAILING_S), look_at=now)


def _show(_: Rehearsal) -> Acts:
    from tests.web import show

    filled = show.fill()
    return {"filled": lambda: filled, "hold": show.hold, "lift": show.lift}


SCENES: dict[str, Callable[[Rehearsal], Acts]] = {"work": _work, "show": _show}


def _answer(acts: Acts) -> None:
    """Until nobody is left to ask; then end as SIGTERM would."""
    from django.db import close_old_connections

    _say({"ready": True})
    for line in sys.stdin:
        close_old_connections()
        given = json.loads(line)
        _say({"answer": acts[given.pop("do")](**given)})
    os.kill(os.getpid(), signal.SIGTERM)


def _say(row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)


def main(scene: str) -> int:
    faces.ready()
    from workers import up
    from workers.rehearsal import Rehearsal

    def begin(rehearsal: Rehearsal) -> None:
        acts = SCENES[scene](rehearsal)
        threading.Thread(target=_answer, args=(acts,), name="stage", daemon=True).start()

    if scene == "work":
        return up.run(ready=begin)
    lock, web, told = up.prepare(), up.Web(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    web.start()
    begin(Rehearsal())
    told.wait()
    web.stop()
    lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
