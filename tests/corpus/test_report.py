import re
from collections.abc import Iterable
from html.parser import HTMLParser

from corpus.documents import document_of
from corpus.records import Article, Cluster, Evidence, Outlet, Wire
from corpus.report import MEMBERS, Overview, render, strip
from tests.corpus.made_up import SNAPSHOT, cluster_documents, paragraph, story
from tests.corpus.made_up_wires import REWORDED, WIRE

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=\"alert('2')\">"


def article(name: str, paragraphs: list[str], **more: object) -> Article:
    text = "\n\n".join(paragraphs)
    fields: dict[str, object] = {
        "capture_id": name,
        "url": f"https://{name}.example/story",
        "canonical_url": f"https://{name}.example/story",
        "final_url": "",
        "outlet": Outlet(id=name, name=name.title()),
        "headline": f"Headline of {name}",
        "text": text,
        "text_sha256": "",
    }
    return Article(id=name, **{**fields, **more})  # type: ignore[arg-type]  # the caller's fields


def clustered(articles: list[Article]) -> tuple[Cluster, ...]:
    return cluster_documents(map(document_of, articles)).records


def overview(clusters: Iterable[Cluster], pages: int = 50) -> Overview:
    shown = Overview(pages)
    for cluster in clusters:
        shown.add(cluster)
    return shown


def report(articles: list[Article], pages: int = 50) -> str:
    shown = overview(clustered(articles), pages)
    return render(shown, {(a.id, a.version): a for a in articles}, SNAPSHOT)


class Tags(HTMLParser):
    """The tags and attributes of a page, and the text outside script and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.found if name in attrs]


def test_a_cluster_has_a_row_that_leads_to_its_page() -> None:
    articles = [article("post", story(1)), article("echo", story(1)[:4]), article("sun", story(2))]
    tags = Tags(report(articles))
    shown = clustered(articles)[0]
    assert f"#{shown.id}" in tags.values("href")
    assert shown.id in tags.values("id")
    assert "Headline of post" in tags.text
    assert "Headline of sun" not in tags.text  # it has no copy


def test_nothing_is_loaded_from_anywhere() -> None:
    html = report([article("post", story(1)), article("echo", story(1))])
    tags = Tags(html)
    assert not tags.values("src")
    assert not [tag for tag, _ in tags.found if tag in ("link", "iframe", "object", "img", "base")]
    assert "url(" not in html
    assert "@import" not in html
    assert all(href.startswith(("#", "https://")) for href in tags.values("href"))


def test_hostile_words_of_a_page_stay_words() -> None:
    hostile = {
        "headline": HOSTILE,
        "outlet": Outlet(id="x", name=HOSTILE, country='"><b>'),
        "language": '"><script>',
        "wire": Wire(
            agencies=('A"P',), evidence=(Evidence('A"P', "dateline", "text", 0, 1, HOSTILE, "r"),)
        ),
    }
    added = [*story(1), HOSTILE + paragraph(9)]
    tags = Tags(report([article("post", story(1), **hostile), article("echo", added, **hostile)]))
    assert [tag for tag, _ in tags.found].count("script") == 1
    assert "img" not in [tag for tag, _ in tags.found]
    assert not tags.values("onerror")
    assert HOSTILE in tags.text


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    bad = "javascript:alert(1)"
    tags = Tags(
        report([article("post", story(1), url=bad), article("echo", story(1), url=" " + bad)])
    )
    assert not [href for href in tags.values("href") if "script" in href]


def test_the_policy_allows_the_one_script_and_no_network() -> None:
    import base64
    import hashlib

    html = report([article("post", story(1)), article("echo", story(1))])
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = next(a["content"] for _, a in Tags(html).found if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy


def test_agency_evidence_is_quoted() -> None:
    wire = Wire(
        agencies=("AP",),
        evidence=(Evidence("AP", "dateline", "text", 0, 13, "LISBON (AP) —", "r"),),
    )
    tags = Tags(report([article("post", story(1), wire=wire), article("echo", story(1))]))
    assert "LISBON (AP) —" in tags.text
    assert "AP" in tags.values("data-agencies")


def test_only_so_many_clusters_get_a_page_and_the_report_says_so() -> None:
    articles = [article(f"o{n}x{k}", story(n)) for n in range(5) for k in range(2)]
    tags = Tags(report(articles, pages=3))
    assert [attrs.get("class") for _, attrs in tags.found].count("cluster") == 3
    assert "the 3 clusters on most outlets" in tags.text
    assert len(overview(clustered(articles), pages=3).wanted) == 6


def test_a_page_lists_the_representative_and_so_many_members() -> None:
    articles = [article(f"o{n:03d}", story(1)) for n in range(MEMBERS + 7)]
    late_head = article("zzz", story(1), wire=Wire(agencies=("AP",)))
    found = clustered([*articles, late_head])
    keys = overview(found).wanted
    assert len(keys) == MEMBERS
    assert keys[0] == ("zzz", 1)
    assert "and 8 more members" in Tags(report([*articles, late_head])).text


def test_a_member_whose_article_is_not_at_hand_is_still_listed() -> None:
    articles = [article("post", story(1)), article("echo", story(1))]
    html = render(overview(clustered(articles)), {}, SNAPSHOT)
    assert "Its text is not at hand" in html
    assert "Echo" in html


def test_a_snapshot_without_copies_says_so() -> None:
    assert "No two articles of this snapshot are copies" in report([article("post", story(1))])
    assert "No two articles of this snapshot are copies" in report([])


def test_a_strip_shows_what_was_kept_changed_cut_and_added() -> None:
    first, second, third = (paragraph(n) for n in (1, 2, 3))
    half = " ".join([*second.split()[:25], *paragraph(8).split()[:20]])
    pieces = strip([first, second, third], [first.upper(), half, paragraph(9)])
    assert [piece.fate for piece in pieces] == ["kept", "changed", "cut", "added"]


def test_the_same_snapshot_gives_the_same_report() -> None:
    articles = [article("post", story(1)), article("echo", story(1)[:5])]
    assert report(articles) == report(articles[::-1])


def test_a_compilation_that_gets_a_page_shows_what_it_contains_and_why() -> None:
    texts = {f"story{n}": story(n + 1, 4) for n in range(3)}
    articles = [article(name, text) for name, text in texts.items()]
    articles.append(article("story0-copy", texts["story0"]))
    articles += [article(name, [text[0] for text in texts.values()]) for name in ("one", "other")]
    found = cluster_documents(map(document_of, articles))
    shown = Overview()
    for cluster, its in zip(found.records, found.stories, strict=True):
        shown.add(cluster, its.links)
    headlines = {c.id: c.headline for c in found.records if c.id in shown.linked}
    html = render(shown, {(a.id, a.version): a for a in articles}, SNAPSHOT, headlines)
    assert html.count("of the compilation&#39;s") == 3
    assert "Headline of story1" in html  # has no page of its own
    (copied,) = (c for c in found.records if c.representative.article_id == "story0")
    assert f'href="#{copied.id}">Headline of story0</a><div class="small">' in html


def test_a_cluster_s_page_names_the_same_story_in_other_words() -> None:
    articles = [article(name, WIRE.split("\n\n")) for name in ("wire", "copy")]
    articles.append(article("reworded", REWORDED.split("\n\n")))
    found = cluster_documents(map(document_of, articles))
    shown = Overview()
    links = {cluster: story.links for story in found.stories for cluster in story.clusters}
    for cluster in found.records:
        shown.add(cluster, links[cluster.id])
    headlines = {c.id: c.headline for c in found.records if c.id in shown.linked}
    html = render(shown, {(a.id, a.version): a for a in articles}, SNAPSHOT, headlines)
    assert "The same story in other words" in html
    assert "Headline of reworded" in html
    assert "passages match" in html
