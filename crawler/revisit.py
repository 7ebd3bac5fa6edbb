"""When a page is asked for again: by its age, and less often once it has been seen to stay as it is.

In: unix seconds of a page's first and last visit, the steps of the plan (seconds of age), and in how many
visits in a row the page was as before. Out: when it is due again, or None where it never is. Nothing is
remembered here, and which pages of a host may leave a step out together is `crawler.sampling`'s.
"""

_STEADY = 2
"""Visits in a row that found a page as before, from which on steps are left out."""


def next_visit(
    first: float, last: float, steps: tuple[float, ...], unchanged: int = 0
) -> float | None:
    """When a page is due again: the first step of its age that the last visit did not cover.

    From two `unchanged` visits on every second step is left out, but never one of the last two: what was
    corrected late, and told by no listing, is found there.
    """
    ahead = [first + step for step in sorted(steps) if first + step > last]
    leaves_out = unchanged >= _STEADY and len(ahead) > 2
    return ahead[leaves_out] if ahead else None


def covers_step(first: float, last: float, now: float, steps: tuple[float, ...]) -> bool:
    """Whether a visit `now` came for a step of the plan, and not because a listing said so before that."""
    return any(last < first + step <= now for step in steps)


def after_leaving_out(
    first: float, last: float, due: float | None, now: float, steps: tuple[float, ...]
) -> float | None:
    """When a page that is `due` comes next if it leaves this visit out; None where it must not.

    It may where it is due for its age and nothing else: for one step, or for the first of several that came
    while nobody ran. It must not at the last step, nor where it left out the step before.
    """
    times = [first + step for step in sorted(steps)]
    ahead = [time for time in times if time > now]
    passed = [time for time in times if last < time <= now]
    for_its_age = bool(passed) and passed[0] == due
    return ahead[0] if ahead and for_its_age else None
