"""Bylines that name nobody, and those that tell of somebody.

In: a byline, the words of the site's name. Out: yes or no. A desk or "staff" stands over agency copy as well
as over a newspaper's own (the Times' "Home Staff"), and so says nothing of who wrote a story.
"""

from corpus.tokens import word_key

# Each says that somebody of the house wrote it, and not who.
_DESKS = frozenset(
    [
        *(
            "newsroom",
            "desk",
            "newsdesk",
            "webdesk",
            "staff",
            "team",
            "bureau",
            "admin",
            "webmaster",
        ),
        *(
            "administrator",
            "editor",
            "editors",
            "editorial",
            "writer",
            "writers",
            "reporter",
            "user",
        ),
        *(
            "reporters",
            "correspondent",
            "correspondents",
            "contributor",
            "contributors",
            "anonymous",
        ),
        *("redaktion", "redaktionen", "onlineredaktion", "sportredaktion", "lokalredaktion"),
        *("redacción", "redaccion", "redação", "redacao", "redazione", "rédaction", "redaction"),
        *("redactie", "webredactie", "redaksjonen", "redaksjon", "redakcja", "redakce", "redakcia"),
        *("redakcija", "uredništvo", "uredništva", "redacția", "redactia", "toimitus", "toimetus"),
        *("szerkesztőség", "редакция", "редакція", "редакцията", "merkezi", "servisi", "editör"),
        *(
            "συντακτική",
            "التحرير",
            "المحرر",
            "编辑部",
            "編輯部",
            "編集部",
            "本报讯",
            "本報訊",
            "本报记者",
        ),
        *("편집국", "편집부", "온라인뉴스팀", "디지털뉴스팀", "กองบรรณาธิการ"),
    ]
)
# What may stand beside such a word.
_BESIDE = frozenset(
    [
        *(
            "the",
            "our",
            "own",
            "by",
            "from",
            "of",
            "and",
            "a",
            "an",
            "at",
            "la",
            "le",
            "el",
            "il",
            "l",
        ),
        *(
            "die",
            "der",
            "das",
            "unsere",
            "unserer",
            "de",
            "del",
            "della",
            "di",
            "da",
            "do",
            "du",
            "von",
        ),
        *(
            "van",
            "onze",
            "par",
            "por",
            "und",
            "et",
            "e",
            "y",
            "en",
            "online",
            "web",
            "digital",
            "digitale",
        ),
        *(
            "internet",
            "news",
            "noticias",
            "nachrichten",
            "haber",
            "sport",
            "sports",
            "spor",
            "local",
        ),
        *("city", "national", "world", "foreign", "international", "home", "business", "politics"),
        *(
            "breaking",
            "live",
            "night",
            "special",
            "senior",
            "central",
            "general",
            "social",
            "media",
        ),
        *("video", "multimedia", "assistant", "staffwriter", "guest", "ομάδα", "هيئة", "فريق"),
    ]
)


def is_desk(name: str, site_name: str = "") -> bool:
    """Whether the name is of a desk or of all of the house; the site's name may be part of it."""
    words = word_key(name).split()
    if _DESKS.isdisjoint(words):
        return False
    of_site = word_key(site_name).split()
    return all(word in _DESKS or word in _BESIDE or word in of_site for word in words)


def is_prose(text: str) -> bool:
    """Whether a byline tells of its author: "Ann Example has written for Reuters."."""
    words = text.split()
    told = sum(w[0].islower() and w.casefold() not in _BINDING for w in words)
    return len(words) > _SHORTEST_PROSE and told >= (
        _FEW_SMALL if words[-1].endswith((".", "!")) else _MANY_SMALL
    )


_SHORTEST_PROSE = 4  # words
# So many words in lower case stand in no byline, with a full stop behind it or without.
_FEW_SMALL, _MANY_SMALL = 2, 4
_BINDING = frozenset(
    [
        *("and", "of", "by", "in", "the", "for", "with", "from", "at", "to", "via"),
        *(
            "und",
            "von",
            "der",
            "die",
            "des",
            "mit",
            "für",
            "aus",
            "et",
            "de",
            "la",
            "le",
            "du",
            "avec",
        ),
        *("en", "par", "y", "e", "con", "del", "da", "do", "das", "com", "dos", "di", "il", "dal"),
        *("van", "het", "met", "och", "og", "i", "av", "af", "z", "oraz", "a", "ve", "и"),
    ]
)
