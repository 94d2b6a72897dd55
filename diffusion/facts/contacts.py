"""Phones, addresses of the web and of mail; and hashtags and handles, which are no facts but must not be read as any.

Phones are checked and written as E.164 by phonenumbers (Google's libphonenumber data).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from diffusion.facts.claim import Claim, Span
from diffusion.facts.lexicon import ending, forms
from diffusion.facts.reading import Reading
from diffusion.facts.scan import Scanner

REGIONS = {"fr": "FR", "en": "GB"}

_TLD = (
    r"(?:fr|com|org|net|eu|info|paris|bzh|corsica|alsace|gouv\.fr|asso\.fr|uk|co\.uk|gov\.uk|org\.uk|ac\.uk|be|ch|ca|de|io|"
    r"app|dev|city|ville|social|example|test|ie|scot|wales|london|tv|biz|online|site|re|gp|mq|nc|pf|us|gov|edu|int)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w+-]{1,64}(?:\.[\w+-]{1,64}){0,8}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?![\w@])")
_URL = re.compile(
    r"(?<![\w@.])(?:https?://[^\s<>\"«»\x01]{1,2000}"
    rf"|(?:www\.[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{1,5}}|[a-z0-9][a-z0-9-]{{0,62}}(?:\.[a-z0-9-]{{1,63}}){{0,4}}\.{_TLD})"
    r"(?![\w@-])(?:[:/?#][^\s<>\"«»\x01]{0,2000})?)",
    re.IGNORECASE,
)
_TAG = Scanner(
    r"(?<![\w&/])[#@][^\W\d]\w{0,60}(?:@[\w-]{1,60}(?:\.[\w-]{1,30}){1,4})?|(?<![\w&/])#\d{1,8}[^\W\d]\w{0,60}"
)
_TRAILING = ".,;:!?…'’\"*_"

_PHONES = {
    "fr": (
        r"(?:\+|00) ?33 ?(?:\(0\) ?)?[1-9](?:[ .\-/]? ?\d{2}){4}",
        r"0 ?8\d{2}[ .]?\d{3}[ .]?\d{3}",
        r"0[ .]?[1-9]\d{2}(?:[ .]?\d{2}){3}",
        r"0[1-9](?: ?[ .\-/]? ?\d{2}){4}",
        r"(?:\+|00)(?!33)[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,4}\)?){2,6}",
    ),
    "en": (
        r"(?:\+|00) ?44 ?(?:\(0\) ?)?\d{2,4}(?:[ -]?\d{3,4}){2}",
        r"\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}",
        r"\(?0\d{4}\)?[ -]?\d{5,6}",
        r"(?:\+|00)(?!44)[1-9]\d{0,2}(?:[ .\-]?\(?\d{1,4}\)?){2,6}",
        r"116 ?\d{3}",
    ),
}
_PHONE = {lang: Scanner(rf"(?<![\d+,.])(?:{'|'.join(parts)})(?![\d]|[.,]\d)") for lang, parts in _PHONES.items()}
_SHORT = {
    "fr": Scanner(
        r"(?<![\d.,/-])(?:3[ ]?\d{3}|3\d \d{2}|10\d{2}|118 ?\d{3}|116 ?\d{3}|1\d{1,2}|[3-8]\d{4})(?![\d/]|[.,]\d|[ ]?(?:€|%|h|euros)\b)"
    ),
    "en": Scanner(r"(?<![\d.,/-])(?:999|1\d{2}|116 ?\d{3}|1\d{3}|[6-8]\d{4})(?![\d/]|[.,]\d|[ ]?%)"),
}
_PLAIN_SHORT = re.compile(r"3\d{3}|3\d \d{2}|3 \d{3}|116 ?\d{3}|118 ?\d{3}|10(?:13|14|15|16|23)")
_EMERGENCY = {"15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "999", "111", "101", "105", "116117"}
_CUT = {
    "fr": Scanner(
        r"(?<![\d+,./])0[1-9](?:[ .]\d{2}){2,3}(?:(?<=[ .]\d\d[ .]\d\d[ .]\d\d)[ .]\d)?"
        r"(?![\d]|[ .]\d|[.,/]\d|[ ]?(?:€|%|h|euros))"
    ),
    "en": Scanner(r"(?<![\d+,./])(?:0\d{3,4} \d{3,4}|02\d \d{4} \d{1,3})(?![ ]?\d)"),
}


def links(reading: Reading) -> Iterator[Claim]:
    """Addresses of mail, then of the web: https when no scheme is written, host in lower case, no final sign."""
    text = reading.cased
    for found in _EMAIL.finditer(text) if "@" in text else ():
        yield Claim("email", found[0].lower().rstrip("."), *found.span())
    for found in _web(text):
        address = found[0].rstrip(_TRAILING)
        while address.endswith((")", "]", "}")) and address.count("(") + address.count("[") < address.count(
            ")"
        ) + address.count("]"):
            address = address[:-1].rstrip(_TRAILING)
        value = web_address(address)
        if value:
            yield Claim("url", value, found.start(), found.start() + len(address))


#: Where an address of the web may be: at « :// », or at a dot inside a word.
_ANCHOR = re.compile(r"[\w-]\.[\w-]|://")
_PART = re.compile(r"[\w.-]")


def _web(text: str) -> Iterator[re.Match[str]]:
    """The matches of `_URL`, which is tried only in the words round an anchor, and never twice at one place."""
    at = 0
    for anchor in _ANCHOR.finditer(text):
        low = anchor.start()
        while low > at and _PART.match(text, low - 1):
            low -= 1
        for start in range(max(low, at), anchor.end()):
            if found := _URL.match(text, start):
                yield found
                at = found.end()
                break
            at = start + 1


def web_address(address: str) -> str:
    """The canonical form of a web address; empty if there is no host."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, rest = "https", address
    cut = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    host, path = rest[:cut].lower(), rest[cut:]
    return f"{scheme.lower()}://{host}{path}".rstrip("/") if "." in host or "localhost" in host else ""


def tags(reading: Reading) -> list[Span]:
    """Where hashtags and handles stand."""
    return [found.span() for found in _TAG.over(reading, reading.cased)]


def phones(reading: Reading, lang: str) -> Iterator[Claim]:
    """Full numbers as E.164, short numbers (15, 3939) as their digits when something says that one calls them."""
    lang = lang if lang in REGIONS else "fr"
    for found in _PHONE[lang].over(reading):
        value = _e164(found[0], REGIONS[lang])
        if value:
            yield Claim("phone", value, *found.span())


def short_phones(reading: Reading, lang: str) -> Iterator[Claim]:
    """Short numbers, once the full ones are taken."""
    lang = lang if lang in REGIONS else "fr"
    called = False
    last_end = 0
    for found in _SHORT[lang].over(reading):
        before = reading.plain[max(0, found.start() - 28) : found.start()]
        digits = found[0].replace(" ", "")
        between = reading.plain[last_end : found.start()]
        is_called = ending(lang, "phone_calls").search(before.rstrip(": .")) is not None
        is_listed = called and len(between) < 22 and re.search(r"[.!?\n]", between) is None and digits in _EMERGENCY
        is_urgent = digits in _EMERGENCY and len(digits) > 2 and _calls_near(reading, found.start(), found.end(), lang)
        is_plain = (
            bool(_PLAIN_SHORT.fullmatch(found[0]))
            and re.search(r"(?:\b(?:le|au)|[:(📞☎]|\x01 (?:ou|or|/)) ?$", before) is not None
        )
        called = is_called or is_listed or is_plain or is_urgent
        if called and not _is_year(digits, before):
            last_end = found.end()
            yield Claim("phone", digits, *found.span())


def _calls_near(reading: Reading, start: int, end: int, lang: str) -> bool:
    """Whether the words round an emergency's three digits say that one calls them."""
    around = reading.plain[max(0, start - 60) : start]
    after = reading.plain[end : end + 20]
    is_joined = re.search(r"(?:\bau|\ble|\bou|\bor|\bon|\bdial|\bcall|,|:|/|\() ?(?:le )?$", around) is not None
    return is_joined and (
        forms(lang, "phone_calls").search(around) is not None
        or re.match(r" (?:in an emergency|en cas)", after) is not None
    )


def cut_phones(reading: Reading, lang: str) -> list[Span]:
    """Where a number seems to lack a digit or two."""
    return [found.span() for found in _CUT[lang if lang in _CUT else "fr"].over(reading)]


def _is_year(digits: str, before: str) -> bool:
    return (len(digits) == 4 and digits[:2] in {"19", "20"}) or before.endswith("n° ")


def _e164(text: str, region: str) -> str:
    bare = text.replace("(0)", "")
    if re.fullmatch(r"116 ?\d{3}", bare):
        return bare.replace(" ", "")
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    try:
        number = phonenumbers.parse(bare, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
