from crawler.tempo import MOST, Tempo


def after(*answers: float) -> Tempo:
    tempo = Tempo()
    for took in answers:
        tempo.answered(took)
    return tempo


def test_a_host_is_judged_by_its_own_norm() -> None:
    assert after(*[2.0] * 9).factor == 1.0
    assert after(*[0.3] * 6, *[0.9] * 3).factor > 2.5


def test_a_single_slow_answer_is_no_matter() -> None:
    assert after(*[0.3] * 6, 9.0, 0.3).factor == 1.0


def test_what_is_lost_in_noise_is_no_slowness() -> None:
    assert after(*[0.002] * 6, *[0.05] * 3).factor == 1.0


def test_the_gap_grows_by_a_bounded_factor() -> None:
    assert after(*[0.1] * 6, *[50.0] * 3).factor == MOST


def test_a_host_that_is_slow_for_good_has_a_new_norm_in_time() -> None:
    assert after(*[0.3] * 6, *[0.7] * 200).factor == 1.0


def test_nothing_is_concluded_from_a_few_answers() -> None:
    assert after(0.1, 0.9, 0.9).factor == 1.0
