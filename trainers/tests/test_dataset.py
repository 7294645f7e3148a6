"""Tables as uploads bring them: every separator the product accepts reads the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard_trainers.dataset import read_table
from modelyard_trainers.errors import BadInput
from modelyard_trainers.spec import DELIMITERS, parse_dataset

ROWS = [["height", "sport"], ["1.5", "judo, or not"], ["", "chess; fast"]]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_separator_reads_the_same_table(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in ROWS))
    table = read_table(path, "csv", delimiter)
    assert table.to_pydict() == {"height": [1.5, None], "sport": ["judo, or not", "chess; fast"]}


def test_a_separator_nobody_uses_is_refused() -> None:
    raw = {"path": "x", "format": "csv", "sha256": "0" * 64, "delimiter": "::"}
    with pytest.raises(BadInput, match="delimiter"):
        parse_dataset(raw)
