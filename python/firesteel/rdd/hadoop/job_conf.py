"""The settings of a Hadoop job, under their new and their old names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# New names to the deprecated ones that Hadoop still reads.
_OLD_NAMES = {
    "mapreduce.input.fileinputformat.inputdir": "mapred.input.dir",
    "mapreduce.input.fileinputformat.input.dir.recursive": "mapred.input.dir.recursive",
    "mapreduce.input.fileinputformat.split.minsize": "mapred.min.split.size",
    "mapreduce.input.fileinputformat.split.maxsize": "mapred.max.split.size",
    "mapreduce.input.keyvaluelinerecordreader.key.value.separator": "key.value.separator.in.input.line",
    "mapreduce.input.lineinputformat.linespermap": "mapred.line.input.format.linespermap",
    "mapreduce.job.inputformat.class": "mapreduce.inputformat.class",
    "mapreduce.job.outputformat.class": "mapreduce.outputformat.class",
    "mapreduce.job.output.key.class": "mapred.output.key.class",
    "mapreduce.job.output.value.class": "mapred.output.value.class",
    "mapreduce.output.fileoutputformat.outputdir": "mapred.output.dir",
    "mapreduce.output.fileoutputformat.compress": "mapred.output.compress",
    "mapreduce.output.fileoutputformat.compress.codec": "mapred.output.compression.codec",
    "mapreduce.output.fileoutputformat.compress.type": "mapred.output.compression.type",
    "mapreduce.output.textoutputformat.separator": "mapred.textoutputformat.separator",
}


class JobConf:
    """Settings by name.

    Parameters
    ----------
    settings : mapping of str to str, optional
        What the program gave.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._settings = {str(key): str(value) for key, value in (settings or {}).items()}

    def get(self, name: str) -> str | None:
        """Return the value of a setting, also if it was given under its old name."""
        return self._settings.get(name, self._settings.get(_OLD_NAMES.get(name, name)))

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a setting that is true or false."""
        value = self.get(name)
        return default if value is None else value.strip().lower() == "true"

    def number(self, name: str, default: int) -> int:
        """Return a setting that is a whole number."""
        value = self.get(name)
        return default if value is None else int(value)

    def changed(self, settings: Mapping[str, str | None]) -> JobConf:
        """Return a copy with other values; None leaves a setting as it is."""
        given = {key: value for key, value in settings.items() if value is not None}
        return JobConf({**self._settings, **given})
