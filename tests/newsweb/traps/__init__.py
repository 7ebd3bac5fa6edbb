"""Hosts that a crawler can misbehave on, each with what its owner expects.

In: the port of the inside, where nobody has any business. Out: for each trap the answers of its hosts, how it
is announced, and the `House` by which it is judged (tests/newsweb/judge.py).
"""

from collections.abc import Iterable

from tests.newsweb.traps import addresses, bodies, listings, pace, pages, robots
from tests.newsweb.traps.making import Trap
from tests.newsweb.traps.pace import crawl_delay

__all__ = ["Trap", "crawl_delay", "traps"]


def traps(inside: int = 9) -> tuple[Trap, ...]:
    """Every trap, made anew."""
    made: Iterable[Trap | tuple[Trap, ...]] = (
        *(one() for one in (
            pace.lasting_faults, pace.refused_everywhere, pace.one_machine, pace.crawl_delay,
            pace.crawl_delay_over_the_cap, pace.retry_after, pace.retry_after_a_day, pace.failing,
            pace.absurd_pauses, pace.pauses_of_others, pace.dated_a_year_ahead,
            pace.slows_down, pace.in_flight,
        )),
        *(one() for one in (
            robots.robots_behind_redirects, robots.robots_out_of_reach, robots.elsewhere,
            robots.robots_hard_to_read, robots.longest_match, robots.no_robots,
            robots.robots_that_change, robots.robots_in_circles, robots.endless_robots,
            robots.busy_robots, robots.own_delay, robots.slow_robots, robots.no_handshake,
            robots.robots_next_door,
        )),
        *(one() for one in (
            bodies.bombs, bodies.listing_bombs, bodies.endless_bodies, bodies.hanging,
            bodies.broken_answers, bodies.after_hints, bodies.surplus, bodies.once_reset,
            bodies.redirects,
        )),
        *(one() for one in (
            listings.dead_listings, listings.shared_listings, listings.endless_calendar,
            listings.endless_sitemaps, listings.recursive_sitemaps, listings.huge_sitemap,
            listings.foreign_sitemap, listings.entities, listings.malformed_feeds,
            listings.many_spellings, listings.lost_names, listings.endless_pages,
            listings.endless_facets, listings.sitemap_of_everything,
            listings.unfolding_section,
        )),
        *(one() for one in (
            pages.forms, pages.walls, pages.cookies, pages.lies, pages.soft_404, pages.validators,
            pages.soft_moves, pages.endless_forms,
        )),
        *(one(inside) for one in (
            addresses.internal_links, addresses.internal_listings, addresses.internal_robots,
            addresses.internal_names, addresses.rebinding, addresses.two_faced,
        )),
    )  # fmt: skip
    return tuple(trap for one in made for trap in ((one,) if isinstance(one, Trap) else one))
