"""A lesson and a check, as a worker does them: pages of one host read in more ways than one.

In: pages in the order of their draws. Out: the host's profile and how it did on pages that it was not
learned from; or what becomes of pages that a profile is asked for. What follows from it is
`corpus.upkeep`'s to say.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from corpus import extract, furniture, labels
from corpus.answered import ASK, Ask
from corpus.extract import Rules
from corpus.frames import Checked, Learned, pack
from corpus.furniture import LEAST_STORIES, MOST_STORIES, Reader
from corpus.pages import Page
from corpus.profiles import LearningPage, Profile
from corpus.records import Article, Rejection
from corpus.stages import EXTRACT_VERSION
from corpus.upkeep import VALIDATED, Audit, Fate, Outcomes, audit, fails, fate_of
from crawler.archive import UrlRules

Step = Callable[[], None]
"""Called after each page and each attempt, so that somebody can see that it goes on."""


def learn(
    host: str,
    pages: Sequence[Page],
    sizes: Sequence[int],
    rules: Rules,
    urls: UrlRules,
    step: Step,
    ask: Ask = ASK,
) -> Learned:
    """The profile of the host's first pages: of so many as it takes to have enough stories."""
    read: list[LearningPage | Rejection] = []
    profile: Profile | None = None
    stories = 0
    for size in sorted({min(size, len(pages)) for size in sizes}):
        for page in pages[len(read) : size]:
            read.append(extract.learning_page(page, rules, urls, ask))
            step()
        # A page of which the full pipeline makes no article teaches nothing.
        taught = [page for page in read if isinstance(page, LearningPage)]
        profile = furniture.learn(host, taught, made_by())
        stories = profile.stories if profile else _stories(taught)
        step()
        if stories >= LEAST_STORIES:
            break
    if profile is None:
        few = f"{stories} stories on {len(read)} pages, {LEAST_STORIES} are needed"
        complaint = few if stories < LEAST_STORIES else "no element holds the stories"
        return Learned(pages=len(read), stories=stories, complaint=complaint)
    tried = pages[len(read) : len(read) + VALIDATED]
    found = check(profile, tried, len(tried), rules, urls, step, ask)
    audits = tuple(audit.agreement for audit in found.outcomes.audits)
    complaint = "it reads other pages wrongly" if fails(audits) else ""
    packed = None if complaint else pack(profile)
    return Learned(packed, len(read), stories, audits, complaint)


def check(
    profile: Profile,
    pages: Sequence[Page],
    audits: int,
    rules: Rules,
    urls: UrlRules,
    step: Step,
    ask: Ask = ASK,
) -> Checked:
    """What becomes of these pages; the first so many that are served are read in full as well."""
    reader = Reader(profile)
    fates: list[Fate] = []
    audited: list[Audit] = []
    for page in pages:
        answer = extract.extract(page, rules, urls, reader, ask)
        fate = fate_of(answer)
        if fate:
            fates.append(fate)
        if fate == "served" and len(audited) < audits and isinstance(answer, Article):
            step()
            full = extract.extract(page, rules, urls, ask=ask)
            text = full.text if isinstance(full, Article) else ""
            audited.append(audit(page.capture_id, answer.text, text))
        step()
    return Checked(Outcomes(tuple(fates), tuple(audited)))


def made_by() -> str:
    """The version of the extractors that profiles are learned with."""
    return "+".join((EXTRACT_VERSION, version("trafilatura"), version("resiliparse")))


def _stories(pages: Sequence[LearningPage]) -> int:
    read = [story for page in pages if (story := labels.read(page))]
    return len(labels.distinct(read, MOST_STORIES))
