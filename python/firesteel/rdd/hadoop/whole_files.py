"""Files read as a whole, with their names: ``wholeTextFiles`` and ``binaryFiles``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.codecs import open_file
from firesteel.rdd.hadoop.paths import uri

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firesteel.rdd.hadoop.paths import InputFile


def whole_texts(files: Sequence[InputFile], use_unicode: bool = True) -> Iterator[tuple[str, str | bytes]]:
    """URI and text of each file, decompressed by its ending; False for `use_unicode` gives UTF-8 as bytes."""
    for file in files:
        with open_file(file.path) as opened:
            text = opened.read().decode("utf-8", "replace")
        yield uri(file.path), text if use_unicode else text.encode()


def whole_bytes(files: Sequence[InputFile]) -> Iterator[tuple[str, bytes]]:
    """URI and bytes of each file as it stands on the disk."""
    for file in files:
        with open(file.path, "rb") as opened:
            yield uri(file.path), opened.read()
