"""One wire story in several forms, for tests of the second level; everything in it is invented."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corpus.apart import NO_MARKS
from corpus.cluster import NO_PAIRS
from corpus.clustering import add_documents, open_tables
from corpus.config import default_file
from corpus.documents import Document
from corpus.engines.local import LocalEngine
from corpus.lineage import Recipe, Step, Told, families
from corpus.overlap import Weights
from corpus.plan import load_dedup_settings
from corpus.rows import Index
from corpus.tables import OpenTable
from corpus.terms import Reader
from corpus.witness import Links, links

SETTINGS = load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")
STORIES = SETTINGS.stories


RECIPE = Recipe(settings=STORIES, normaliser=SETTINGS.normaliser)


def reader() -> Reader:
    """The reader that all tests share; sketches do not depend on what it has met."""
    return RECIPE.ready()[0]


def weights() -> Weights:
    """What words weigh."""
    return RECIPE.ready()[1]


class Families(NamedTuple):
    """The story of each text (a text of it), its links, and how many pairs were compared."""

    label: Index
    links: Links
    compared: int


def told(texts: list[str], days: list[float], window: float = 14.0) -> Families:
    """The stories of texts, each a cluster of its own, that were seen in their order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_tables(SETTINGS, Path(folder), durable=False) as tables,
        LocalEngine(1) as engine,
    ):
        documents = [Document(article_id=f"{n:04}", text=text) for n, text in enumerate(texts)]
        add_documents(tables, documents, 0, SETTINGS, engine)
        held = OpenTable(tables.documents.folder, tables.documents.layout, len(texts))
        step = Step(held, tables.sketches, tables.descent, engine, RECIPE)
        rows, first = np.arange(len(texts)), np.array(days, np.float64)
        names, none = rows.astype(np.uint64), np.zeros(len(texts), bool)
        heads = Told(rows, names, first, first, rows, none, NO_MARKS, NO_PAIRS)
        found, _ = families(step, heads, window, {})
        made = links(step, heads, found, tables.evidence)
        return Families(found.story, made, tables.descent.rows)


WIRE = """\
A freight train loaded with potash derailed on a century-old viaduct Monday, sending 19 cars into a \
dry riverbed and cutting the only rail line to the port of Ashgrove.

The two crew members walked away with bruises, Sheriff Dana Kowalczyk said. The county had bought \
out the last four homes in the valley after a flood in 2014.

"If this had been ten years ago I would be standing here reading you names," Kowalczyk said.

The train, 112 cars long, was heading south from mines near Teller Falls when its 44th car jumped \
the track at 6:20 a.m., according to the railway, Great Basin. Inspectors had walked the bridge on \
Feb. 11.

The port ships 9 million tons of potash a year. Its director, Miriam Oyelaran, said the piers had \
stocks for 13 days.

Great Basin said a temporary span could carry trains within three weeks. Rebuilding the viaduct, \
finished in 1911, may take until next year. The railway's shares fell 6.4%."""

REWORDED = """\
A potash train came off the rails on a viaduct more than a hundred years old on Monday. Nineteen \
wagons plunged into a dry riverbed, and the only railway link to the harbour of Ashgrove was \
severed.

Both members of the crew escaped with bruises. Nobody lives in the valley any more: after the flood \
of 2014 the county purchased its last four homes, Sheriff Dana Kowalczyk explained.

Great Basin, which operates the railway, said the train of 112 wagons was on its way from the Teller \
Falls mines when number 44 left the track around 6.20am. A bridge inspection on 11 February had \
found nothing.

Some nine million tonnes of potash pass through the port every year. According to director Miriam \
Oyelaran, its stocks will last 13 days.

In three weeks trains might creep over a temporary span. Rebuilding the viaduct of 1911 is unlikely \
before next year. Shares in the railway were down 6.4 per cent."""

TRANSLATED = """\
Ein mit Kali beladener Güterzug ist am Montag auf einem hundert Jahre alten Viadukt entgleist. 19 \
Wagen stürzten in ein trockenes Flussbett, die einzige Strecke zum Hafen Ashgrove ist unterbrochen.

Die beiden Lokführer erlitten Prellungen, sagte Sheriff Dana Kowalczyk. Nach einem Hochwasser hatte \
der Bezirk 2014 die letzten vier Häuser im Tal gekauft.

Der Zug mit 112 Wagen war von den Gruben bei Teller Falls nach Süden unterwegs, als der 44. Wagen um \
6.20 Uhr aus den Schienen sprang, teilte die Bahngesellschaft Great Basin mit. Noch am 11. Februar \
war die Brücke geprüft worden.

Der Hafen verschifft neun Millionen Tonnen im Jahr. Die Vorräte reichten für 13 Tage, sagte \
Direktorin Miriam Oyelaran.

Great Basin will in drei Wochen einen Behelf fertig haben. Der Neubau des Viadukts von 1911 dürfte \
bis zum nächsten Jahr dauern. Die Aktien fielen um 6,4 Prozent."""

UPDATED = """\
Cranes were called in Monday night after a freight train derailed on a century-old viaduct, as the \
government sent investigators and the port of Ashgrove began to ration what it has.

Transport Minister Ruth Castellan flew over the scene and promised that "every bolt" would be looked \
at.

The train, 112 cars long, was heading south from mines near Teller Falls when its 44th car jumped \
the track at 6:20 a.m., according to the railway, Great Basin. Inspectors had walked the bridge on \
Feb. 11.

The two crew members walked away with bruises, Sheriff Dana Kowalczyk said. The county had bought \
out the last four homes in the valley after a flood in 2014.

The port ships 9 million tons of potash a year. Its director, Miriam Oyelaran, said the piers had \
stocks for 13 days.

Great Basin said a temporary span could carry trains within three weeks. Rebuilding the viaduct, \
finished in 1911, may take until next year. The railway's shares fell 6.4%."""

OTHER_NEWSROOM = """\
Dockworkers watched the potash conveyor fall silent on Monday evening and wondered for how long.

A derailment on the viaduct has severed the rail link of Ashgrove, and with it the work of about 600 \
people on the bulk piers. "We were told to come in tomorrow and after that to wait for a call," said \
Luc Ferreira, who has run a ship loader for 22 years.

The union asked Great Basin to pay for lost shifts. The railway did not respond to questions.

Port director Miriam Oyelaran would not rule out layoffs. Two bulk carriers at anchor, the Celestine \
and the Nordic Haze, are to be loaded from stock this week.

At the scene Sheriff Dana Kowalczyk told reporters that two people had been on the train. "If this \
had been ten years ago I would be standing here reading you names," she said.

Fertilizer dealers in the delta said spring orders had been delivered. Prices on the local exchange \
barely moved."""

LIVE_POSTS = """\
6.40pm: Great Basin says a temporary span could carry trains within three weeks. Its shares fell \
6.4%.

2.15pm: Port director Miriam Oyelaran says the piers of Ashgrove have stocks for 13 days. They ship \
9 million tons.

9.05am: Sheriff Dana Kowalczyk says that the two crew members walked away with bruises.

7.30am: A freight train, 112 cars long, has derailed on the viaduct. 19 cars are in the riverbed."""
