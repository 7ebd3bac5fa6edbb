"""One run at a time in a data folder, and none in a folder that a newer program wrote."""

from pathlib import Path

import pytest

from crawler.errors import DamagedArchive, Locked
from crawler.folder import check_format, data_lock, is_locked, too_full


def test_the_lock_keeps_a_second_run_out_and_is_free_afterwards(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with data_lock(data, "0.1.0"):
        assert is_locked(data)
        with pytest.raises(Locked, match="another run"), data_lock(data, "0.1.0"):
            pytest.fail("two runs at once")
    assert not is_locked(data)
    with data_lock(data, "0.1.0"):
        pass


def test_a_new_folder_says_its_format_and_who_wrote_it(tmp_path: Path) -> None:
    with data_lock(tmp_path, "0.1.0"):
        pass
    assert (tmp_path / "format.json").read_text() == '{"format":1,"written_by":"0.1.0"}\n'
    check_format(tmp_path)


def test_a_folder_of_a_newer_format_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text('{"format":99,"written_by":"9.0"}')
    with (
        pytest.raises(DamagedArchive, match=r"wirecorpus 9\.0 in data format 99.*upgrade"),
        data_lock(tmp_path, "0.1.0"),
    ):
        pytest.fail("a folder of a newer format was opened")
    assert [p.name for p in tmp_path.iterdir()] == ["format.json"]


def test_a_format_file_that_cannot_be_read_says_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text("{")
    with pytest.raises(DamagedArchive, match=r'format\.json.*"format":1'):
        check_format(tmp_path)


def test_a_disk_with_less_room_than_asked_for_is_told(tmp_path: Path) -> None:
    assert too_full(tmp_path, 1) == ""
    assert "min_free_bytes = 1000000000000000000; make room" in too_full(tmp_path, 10**18)
