"""Whether a byline names nobody: a desk, "staff", "the newsroom".

In: a byline's name and the words of the site's own. Out: yes or no. Such a line stands over agency copy as
well as over a newspaper's own (the Times' "Home Staff"), and so says nothing of who wrote a story.
"""

from collections.abc import Collection

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


def is_desk(name: str, of_site: Collection[str] = ()) -> bool:
    """Whether the name is of a desk or all of the house; `of_site` are words of the site's name, folded."""
    words = word_key(name).replace("_", " ").split()
    return not _DESKS.isdisjoint(words) and all(
        word in _DESKS or word in _BESIDE or word in of_site for word in words
    )
