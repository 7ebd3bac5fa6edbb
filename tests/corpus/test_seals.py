import pickle
from pathlib import Path

import pytest

from corpus.seals import SEAL, DamagedTable, faults, recipe_of
from tests.corpus.test_tables import keys, table_of


def test_a_whole_table_has_no_fault(tmp_path: Path) -> None:
    table_of(tmp_path, 5, 6000)
    assert list(faults(tmp_path)) == []
    assert list(faults(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("name", ["key", "grams", "grams.ends", "plain", "bands", "name"])
def test_a_changed_byte_in_any_file_is_a_fault_that_names_it(tmp_path: Path, name: str) -> None:
    table_of(tmp_path, 5, 6000)
    content = bytearray((tmp_path / name).read_bytes())
    content[-1] ^= 1
    (tmp_path / name).write_bytes(content)
    (found,) = faults(tmp_path)
    assert found.startswith(f"{name} is not as it was written, at byte ")


def test_a_cut_file_and_a_changed_seal_are_faults(tmp_path: Path) -> None:
    table_of(tmp_path, 5, 6000)
    (tmp_path / "grams").write_bytes((tmp_path / "grams").read_bytes()[:-1])
    assert list(faults(tmp_path)) == ["grams is shorter than was sealed"]
    seal = (tmp_path / SEAL).read_bytes()
    (tmp_path / SEAL).write_bytes(seal.replace(b'"rows":2', b'"rows":1'))
    assert list(faults(tmp_path)) == [f"{SEAL} is not as it was written"]
    assert recipe_of(tmp_path) == "?"


def test_a_table_of_an_earlier_form_begins_anew(tmp_path: Path) -> None:
    (tmp_path / SEAL).write_bytes(b'{"recipe":"r","rows":0,"bytes":{}}')
    assert recipe_of(tmp_path) == "form 1"
    assert "another version" in next(faults(tmp_path))
    assert keys(tmp_path, "r") == []


def test_damage_that_a_worker_process_found_reaches_the_one_that_asked() -> None:
    told = pickle.loads(pickle.dumps(DamagedTable(Path("index/nodes"), "grams is cut")))
    assert (told.path, told.fault) == (Path("index/nodes"), "grams is cut")
