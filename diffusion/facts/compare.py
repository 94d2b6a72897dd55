"""The guard: what a rendition contradicts, adds or leaves out of its message.

Values are compared first (`agree`), then the roles in which they stand (`roles`, `exchange`), then how things stand
(`standing`). A false alarm is as bad as a miss: whatever follows from the message is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from diffusion.facts import exchange, standing
from diffusion.facts.agree import agree, place_key
from diffusion.facts.calledoff import called_off
from diffusion.facts.charged import charged_otherwise
from diffusion.facts.contacts import phones
from diffusion.facts.contraries import said_contrary
from diffusion.facts.denials import denied_otherwise
from diffusion.facts.everybody import for_everybody
from diffusion.facts.extract import NOWHERE
from diffusion.facts.fact import Comparison, Fact, Fault
from diffusion.facts.fitting import fits, has_each_day, has_other_houses
from diffusion.facts.following import follows, introduced_end, is_pair, returns_otherwise
from diffusion.facts.gazetteer import Gazetteer
from diffusion.facts.missing import is_its_length, is_said
from diffusion.facts.moments import is_other_moment
from diffusion.facts.names import invented_names
from diffusion.facts.numbered import counted_otherwise, named_otherwise
from diffusion.facts.reading import fold, read
from diffusion.facts.roles import Said
from diffusion.facts.side import Side, side
from diffusion.facts.tolerated import is_tolerated


def compare(
    canonical: str,
    rendition: str,
    *,
    lang: str,
    published: date,
    lang_rendition: str | None = None,
    essential: Iterable[tuple[str, str]] | None = None,
    gazetteer: Gazetteer = NOWHERE,
) -> Comparison:
    """Hold a rendition against the message's own text. Without `essential` nothing is missing. No input raises.

    In another language than the message's only values are compared, not the roles that words give them.
    """
    wanted = list(essential or ())
    is_same_language = (lang_rendition or lang) == lang
    if is_same_language and read(canonical).plain == read(rendition).plain:
        return Comparison()
    us = side(canonical, lang, published, gazetteer)
    them = side(rendition, lang_rendition or lang, published, gazetteer)
    guard = _Guard(us, them, is_same_language)
    guard.values()
    guard.statuses()
    if not is_same_language:
        guard.phones_abroad()
    if is_same_language:
        guard.roles()
        guard.conditions(wanted)
        guard.everybody()
        guard.denials()
        guard.names()
    guard.weekdays()
    return guard.result(wanted)


#: Facts of a kind beyond which only equal values are looked at, so that a huge text stays quick.
_MANY = 120
_COMPARED_WITH = {
    "duration": ("duration", "time", "date"),
    "time": ("time", "duration"),
    "recurrence": ("recurrence", "date"),
    "date": ("date", "recurrence"),
    "number": (),
    "percent": (),
    "amount": (),
}


class _Guard:
    """The faults of one rendition as they are found; the first one about a fact stands."""

    def __init__(self, us: Side, them: Side, is_same_language: bool) -> None:
        self.us, self.them, self.is_same_language = us, them, is_same_language
        self.contradicted: dict[tuple[int, int, str], Fault] = {}
        self.added: dict[tuple[int, int, str], Fault] = {}
        self.covered: set[Fact] = set()
        self.known: dict[tuple[str, str, str], list[Said]] = {}

    def contradict(self, theirs: Fact, ours: Fact) -> None:
        key = (theirs.start, theirs.end, theirs.kind)
        self.added.pop(key, None)
        self.contradicted.setdefault(key, Fault(theirs.kind, theirs.value, theirs.start, theirs.end, theirs.text, ours))

    def add(self, theirs: Fact) -> None:
        key = (theirs.start, theirs.end, theirs.kind)
        if key not in self.contradicted:
            self.added[key] = Fault(theirs.kind, theirs.value, theirs.start, theirs.end, theirs.text)

    def values(self) -> None:
        """Every kind but statuses: the same value, one end of a range, or another value."""
        unmatched = []
        for theirs in self.them.said:
            if theirs.fact.kind == "status":
                continue
            matches = self._agreeing(theirs.fact)
            if matches:
                self._match(theirs, matches)
            elif (
                not self._is_end(theirs)
                and not follows(theirs, self.them, self.us)
                and not is_tolerated(theirs, self.them, self.us, self.is_same_language)
            ):
                unmatched.append(theirs)
        for theirs in unmatched:
            rival = self._rival(theirs)
            if rival is None:
                self.add(theirs.fact)
            else:
                self.contradict(theirs.fact, rival.fact)

    def _agreeing(self, theirs: Fact) -> list[Said]:
        """The message's facts that say the same; in a text with very many facts only those of one value."""
        key = (theirs.kind, theirs.value, theirs.text)
        if key not in self.known:
            self.known[key] = self._compared(theirs)
        return self.known[key]

    def _compared(self, theirs: Fact) -> list[Said]:
        kind = self.us.of(theirs.kind)
        same = [o for o in kind if o.fact.value == theirs.value][:_MANY]
        others = [o for k in _COMPARED_WITH.get(theirs.kind, (theirs.kind,)) for o in self.us.of(k)[:_MANY]]
        agreeing = [o for o in others if o.fact.value != theirs.value and agree(theirs, o.fact)]
        return same + (agreeing if has_each_day(theirs, [o.fact for o in agreeing]) else [])

    def _match(self, theirs: Said, matches: list[Said]) -> None:
        self.covered.update(m.fact for m in matches if not is_its_length(theirs.fact, m.fact))
        if not self.is_same_language:
            return
        is_fit = any(fits(theirs, o, self.them, self.us) for o in matches) or self._is_end(theirs)
        is_fit &= not all(counted_otherwise(theirs, o, self.them, self.us) for o in matches)
        if not is_fit or has_other_houses(theirs, matches, self.them, self.us):
            self.contradict(theirs.fact, matches[0].fact)

    def _is_end(self, theirs: Said) -> bool:
        """Whether a single date or time is one end of a range of the message, introduced as that end."""
        if theirs.fact.kind not in {"date", "time"}:
            return False
        if returns_otherwise(theirs, self.them, self.us):
            return False
        for ours in self.us.of(theirs.fact.kind)[:_MANY]:
            if is_pair(theirs, ours, self.them):
                continue
            if introduced_end(theirs, ours, self.them, self.us):
                self.covered.add(ours.fact)
                return True
        return False

    def _rival(self, theirs: Said) -> Said | None:
        """The message's fact in whose place this one stands: of its kind, and said nowhere else in the rendition."""
        own = [
            o
            for o in self.us.of(theirs.fact.kind)[:_MANY]
            if o.fact not in self.covered and _is_rival(theirs.fact, o.fact)
        ]
        if not own:
            return None
        place = theirs.fact.start / max(1, len(self.them.reading.raw))
        length = max(1, len(self.us.reading.raw))
        return max(own, key=lambda o: _likeness(theirs, o) - abs(o.fact.start / length - place))

    def statuses(self) -> None:
        for theirs in self.them.of("status"):
            found = standing.status_fault(theirs, self.them, self.us)
            rival = None
            if found is None and self.is_same_language:
                rival = standing.said_of_another(theirs, self.them, self.us)
            elif found is None:
                rival = standing.said_at_that_time(theirs, self.us)
            if rival is not None:
                self.contradict(theirs.fact, rival.fact)
            elif found is None:
                self.covered.update(o.fact for o in self.us.of("status") if o.fact.value == theirs.fact.value)
            elif found[1] is not None:
                self.contradict(theirs.fact, found[1].fact)
            elif self.is_same_language:
                self.add(theirs.fact)

    def roles(self) -> None:
        found = (*exchange.ROLES, charged_otherwise, called_off)
        for theirs, ours in [pair for find in found for pair in find(self.them, self.us)]:
            if theirs.fact.kind != "status" or not is_other_moment(theirs, [ours], self.them, self.us):
                self.contradict(theirs.fact, ours.fact)

    def everybody(self) -> None:
        """« à tous les habitants » where the message speaks only of some."""
        for told, limit in for_everybody(self.them, self.us):
            self.contradict(told, limit)

    def conditions(self, wanted: list[tuple[str, str]]) -> None:
        """A status kept without the audience that limits it; *missing* instead when that audience is essential."""
        for value in {o.fact.value for o in self.us.of("status")}:
            ours = [o for o in self.us.of("status") if o.fact.value == value]
            limits = [standing.dropped_condition(o, self.them, self.us) for o in ours]
            if not all(limits) or any(limit and (limit.kind, limit.value) in wanted for limit in limits):
                continue
            if any(f.canonical in limits for f in self.contradicted.values()):
                continue  # « moins de 14 ans » for « moins de 12 ans » is one fault
            told = next(t for t in self.them.of("status") if t.fact.value == value)
            self.contradict(told.fact, ours[0].fact)

    def phones_abroad(self) -> None:
        """Numbers of the message's country, which a translation's own language does not read."""
        own = self.us.of("phone")
        for claim in phones(self.them.reading, self.us.lang):
            told = claim.fact(self.them.reading)
            is_read = any(told.start < t.fact.end and t.fact.start < told.end for t in self.them.of("phone"))
            if not is_read and not any(agree(told, o.fact) for o in own):
                self.contradict(told, own[0].fact) if own else self.add(told)

    def denials(self) -> None:
        """Words that one affirms and the other denies; a line or a room that the message does not name."""
        known = {f.canonical for f in self.contradicted.values()}
        for told, own in (*denied_otherwise(self.them, self.us), *said_contrary(self.them, self.us)):
            if own not in known and not self._is_faulty(told):
                self.contradict(told, own)
        for named, meant in named_otherwise(self.them, self.us):
            if not self._is_faulty(named):
                self.add(named) if meant is None else self.contradict(named, meant)

    def _is_faulty(self, told: Fact) -> bool:
        """Whether what is said there is a fault already."""
        return any(start < told.end and told.start < end for start, end, _ in (*self.contradicted, *self.added))

    def names(self) -> None:
        spans = [(s.fact.start, s.fact.end) for s in self.them.said if s.fact.kind in {"place", "url", "email", "date"}]
        reading = self.them.reading
        if reading.where is None:
            reading = reading.blanked(spans)
        for start, end in invented_names(reading, self.us.reading, self.us.lang):
            first, last = self.them.reading.span(start, end)
            text = self.them.reading.raw[first:last]
            self.add(Fact("name", text, first, last, text))

    def weekdays(self) -> None:
        """A weekday that disagrees with its own date is wrong even if the date is right."""
        excused = {fold(w.text) for w in self.us.warnings}
        for warning in self.them.warnings:
            if warning.code not in {"weekday-mismatch", "impossible-date"} or fold(warning.text) in excused:
                continue
            theirs = next(
                (s.fact for s in self.them.of("date") if s.fact.start <= warning.start and warning.end <= s.fact.end),
                None,
            )
            told = theirs or Fact("date", warning.text, warning.start, warning.end, warning.text)
            ours = next((o.fact for o in self.us.of("date") if theirs and o.fact.value == theirs.value), None)
            ours = ours or next((o.fact for o in self.us.of("date")), None)
            if ours is not None:
                self.contradict(told, ours)

    def result(self, wanted: list[tuple[str, str]]) -> Comparison:
        missing = []
        for kind, value in wanted:
            own = next((o for o in self.us.facts if (o.kind, o.value) == (kind, value)), None)
            own = own or Fact(kind, value, 0, 0, "")
            if not is_said(own, self.them, [f.canonical for f in self.contradicted.values()]):
                missing.append(Fault(kind, value, None, None, None, own))
        return Comparison(_sorted(self.contradicted), _sorted(self.added), tuple(missing))


def _is_rival(theirs: Fact, ours: Fact) -> bool:
    """Two places compete only if they share a kind or a name; two audiences, two figures always do."""
    if theirs.kind == "place":
        one, other = place_key(theirs.value).split(), place_key(ours.value).split()
        return one[0] == other[0] or bool(set(one[1:]) & set(other[1:])) or one[-1] == other[-1]
    return not (theirs.kind == "number" and theirs.unit and ours.unit and theirs.unit[:4] != ours.unit[:4])


def _likeness(theirs: Said, ours: Said) -> float:
    """How much two facts stand in one role: words, labels, neighbours, direction, shape of the value."""
    one, other = theirs.fact, ours.fact
    score = 2.0 * len(theirs.labels & ours.labels) + len(theirs.words & ours.words) + len(theirs.near & ours.near)
    score += 2.0 * (theirs.direction == ours.direction) + 1.0 * (("/" in one.value) == ("/" in other.value))
    score += 2.0 * bool(one.unit and one.unit == other.unit)
    return score + sum(a == b for a, b in zip(one.value, other.value, strict=False)) / max(len(one.value), 1)


def _sorted(faults: dict[tuple[int, int, str], Fault]) -> tuple[Fault, ...]:
    return tuple(faults[key] for key in sorted(faults))
