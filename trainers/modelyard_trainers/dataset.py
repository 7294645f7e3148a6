"""Fetches the dataset, verifies its digest and reads it into an Arrow table."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import requests

from .cancel import CancelSwitch
from .errors import BadInput, RetryLater
from .spec import DatasetSource

BLOCK_BYTES = 1 << 20
CSV_BLOCK_BYTES_MAX = 1 << 30
DOWNLOAD_TIMEOUT_SECONDS = (10, 60)


def fetch_dataset(
    source: DatasetSource, work_dir: Path, token: str | None, cancel: CancelSwitch
) -> Path:
    """The local file holding the dataset, its SHA-256 verified.

    Raises BadInput when the file is missing or differs from the digest, RetryLater when the
    server holding it does not answer.
    """
    if source.path is not None:
        path = Path(source.path)
        if not path.is_file():
            raise BadInput("the dataset file does not exist")
    else:
        path = work_dir / f"dataset.{source.format}"
        if not path.is_file() or _digest(path, cancel) != source.sha256:
            _download(source.url or "", path, token, cancel)
    found = _digest(path, cancel)
    if found != source.sha256:
        raise BadInput(f"the dataset's SHA-256 is {found}, expected {source.sha256}")
    return path


def _digest(path: Path, cancel: CancelSwitch) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            cancel.check()
    return digest.hexdigest()


def _download(url: str, path: Path, token: str | None, cancel: CancelSwitch) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    partial = path.with_suffix(".partial")
    try:
        with requests.get(
            url, headers=headers, stream=True, timeout=DOWNLOAD_TIMEOUT_SECONDS
        ) as reply:
            if reply.status_code in (408, 425, 429) or reply.status_code >= 500:
                raise RetryLater(f"the dataset server answered {reply.status_code}")
            if reply.status_code != 200:
                raise BadInput(f"the dataset cannot be fetched: HTTP {reply.status_code}")
            with partial.open("wb") as file:
                for block in reply.iter_content(BLOCK_BYTES):
                    file.write(block)
                    cancel.check()
    except (requests.ConnectionError, requests.Timeout) as error:
        raise RetryLater("the dataset server does not answer") from error
    except requests.exceptions.ChunkedEncodingError as error:
        raise RetryLater("the dataset download broke off") from error
    except requests.RequestException as error:
        raise BadInput(f"the dataset cannot be fetched: {type(error).__name__}") from error
    os.replace(partial, path)


def read_table(path: Path, file_format: str, delimiter: str = ",") -> pa.Table:
    """The whole table; raises BadInput when the file is not a readable table with rows."""
    try:
        table = pq.read_table(path) if file_format == "parquet" else _read_csv(path, delimiter)
        names = table.column_names
    except UnicodeDecodeError as error:
        raise BadInput("the dataset's column names are not UTF-8 text") from error
    except pa.ArrowException as error:
        detail = str(error).splitlines()[0][:300]
        raise BadInput(f"the dataset is not a readable {file_format} file: {detail}") from error
    duplicates = [name for name, count in Counter(names).items() if count > 1]
    if duplicates:
        raise BadInput(f"the dataset has duplicate columns: {', '.join(duplicates[:5])}")
    if table.num_rows == 0:
        raise BadInput("the dataset has no rows")
    return table


def _read_csv(path: Path, delimiter: str) -> pa.Table:
    size = path.stat().st_size
    if size == 0:
        raise BadInput("the dataset is an empty file")
    # Types are inferred from the first block alone, so one block should hold the file.
    block = max(BLOCK_BYTES, min(size + 1, CSV_BLOCK_BYTES_MAX))
    try:
        return _parse_csv(path, block, None, delimiter)
    except pa.ArrowInvalid as error:
        if "conversion error" not in str(error):
            raise
    head = pacsv.open_csv(
        path, read_options=_read_options(BLOCK_BYTES), parse_options=_parse_options(delimiter)
    )
    names = head.schema.names
    text = _parse_csv(path, block, {name: pa.string() for name in names}, delimiter)
    return pa.table({name: _narrowed(text.column(name)) for name in names})


def _read_options(block: int) -> pacsv.ReadOptions:
    return pacsv.ReadOptions(block_size=block, use_threads=False)


def _parse_options(delimiter: str) -> pacsv.ParseOptions:
    return pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True)


def _parse_csv(
    path: Path, block: int, types: dict[str, pa.DataType] | None, delimiter: str
) -> pa.Table:
    return pacsv.read_csv(
        path,
        read_options=_read_options(block),
        parse_options=_parse_options(delimiter),
        convert_options=pacsv.ConvertOptions(column_types=types, strings_can_be_null=True),
    )


def _narrowed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text column as numbers or booleans when every value reads as one."""
    for kind in (pa.int64(), pa.float64(), pa.bool_()):
        try:
            return pc.cast(column, kind)
        except pa.ArrowInvalid:
            continue
    return column
