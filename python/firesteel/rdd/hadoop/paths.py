"""Which files a path means, as Hadoop's ``FileInputFormat`` lists them.

A path is a comma list; each part may be a glob (``*``, ``?``, ``[a-z]``, ``[^a]``, ``{a,b}``), a directory or a file.
Names that begin with ``_`` or ``.`` are hidden. The files of a directory come in the order of their names; Hadoop
takes the file system's order, which on most local file systems is not defined.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from firesteel.rdd.hadoop.errors import invalid_input, io_error, unsupported


class InputFile(NamedTuple):
    """A file to read: its absolute path and size in bytes."""

    path: str
    size: int


def local_path(path: str) -> str:
    """Return the absolute local path of a Hadoop path.

    Raises
    ------
    Py4JJavaError
        For another scheme than ``file``.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path):
        scheme, _, rest = path.partition(":")
        if scheme != "file":
            raise unsupported(f"RDDs read and write local files only, not {path}; spark.read reads object stores.")
        # file:/path, file:///path; Hadoop does not decode what follows.
        path = re.sub(r"^//[^/]*", "", rest)
    path = re.sub(r"/{2,}", "/", path)
    if len(path) > 1:
        path = path.rstrip("/")
    return os.path.abspath(path) if not path.startswith("/") else path


def uri(path: str) -> str:
    """How Hadoop spells a local path."""
    return f"file:{path}"


def split_commas(paths: str) -> list[str]:
    """Return the parts of a comma list; commas within braces belong to a glob."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(paths):
        if character == "{":
            depth += 1
        elif character == "}":
            depth = max(depth - 1, 0)
        elif character == "," and depth == 0:
            parts.append(paths[start:index])
            start = index + 1
    return [*parts, paths[start:]]


def list_files(paths: str, *, old: bool = True, descend: bool = False) -> list[InputFile]:
    """Return the files that a program's path means.

    Parameters
    ----------
    paths : str
        Comma list of paths and globs.
    old : bool
        Hadoop's old interface, to which a directory within a directory is an error; the new one passes it over.
    descend : bool
        List directories within directories too.

    Raises
    ------
    Py4JJavaError
        ``InvalidInputException`` if a path does not exist or a glob matches nothing.
    """
    found: list[InputFile] = []
    faults: list[str] = []
    for part in split_commas(paths):
        path = local_path(part)
        is_glob = re.search(r"[*?\[{]", path) is not None
        matches = expand_glob(path) if is_glob else [path] if os.path.lexists(path) else []
        visible = [match for match in matches if not _hidden(os.path.basename(match))]
        if not visible:
            what = (
                f"Input Pattern {uri(path)} matches 0 files" if is_glob else f"Input path does not exist: {uri(path)}"
            )
            faults.append(what)
        for match in visible:
            if os.path.isdir(match):
                found.extend(_directory(match, old, descend))
            else:
                found.append(InputFile(match, os.stat(match).st_size))
    if faults:
        raise invalid_input("\n".join(faults), old)
    return found


def _directory(path: str, old: bool, descend: bool) -> list[InputFile]:
    found: list[InputFile] = []
    for name in sorted(os.listdir(path)):
        if _hidden(name):
            continue
        entry = os.path.join(path, name)
        if not os.path.isdir(entry):
            found.append(InputFile(entry, os.stat(entry).st_size))
        elif descend:
            found.extend(_directory(entry, old, descend))
        elif old:
            raise io_error(
                f"Path: {entry} is a directory, which is not supported by the record reader when "
                "`mapreduce.input.fileinputformat.input.dir.recursive` is false."
            )
    return found


def _hidden(name: str) -> bool:
    return name.startswith(("_", "."))


def expand_glob(pattern: str) -> list[str]:
    """Return the existing paths that match Hadoop's glob syntax, sorted."""
    matches: set[str] = set()
    for alternative in _expand_braces(pattern):
        candidates = ["/"]
        for component in [part for part in alternative.split("/") if part]:
            candidates = _match_component(candidates, component)
        matches.update(candidates)
    return sorted(matches)


def _match_component(directories: list[str], component: str) -> list[str]:
    found = []
    if not re.search(r"[*?\[]", component):
        name = component.replace("\\", "")
        paths = (os.path.join(directory, name) for directory in directories)
        return [path for path in paths if os.path.lexists(path)]
    expression = re.compile(_as_expression(component), re.DOTALL)
    for directory in directories:
        if not os.path.isdir(directory):
            continue
        names = sorted(os.listdir(directory))
        found += [os.path.join(directory, name) for name in names if expression.fullmatch(name)]
    return found


def _expand_braces(pattern: str) -> list[str]:
    """Alternatives of ``{a,b}``, which may hold slashes and braces."""
    start = pattern.find("{")
    if start < 0:
        return [pattern]
    depth, pieces, begin = 0, [], start + 1
    for index in range(start, len(pattern)):
        character = pattern[index]
        if character == "{":
            depth += 1
        elif character == "," and depth == 1:
            pieces.append(pattern[begin:index])
            begin = index + 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                pieces.append(pattern[begin:index])
                rest = pattern[index + 1 :]
                return [one for piece in pieces for one in _expand_braces(pattern[:start] + piece + rest)]
    raise io_error(f"Unclosed group near index {len(pattern)}: {pattern}")


def _as_expression(component: str) -> str:
    """Hadoop's glob of one path component as a regular expression."""
    out, index = [], 0
    while index < len(component):
        character = component[index]
        if character == "*":
            out.append(".*")
        elif character == "?":
            out.append(".")
        elif character == "\\" and index + 1 < len(component):
            index += 1
            out.append(re.escape(component[index]))
        elif character == "[":
            end = component.find("]", index + 2)
            if end < 0:
                raise io_error(f"Unclosed character class near index {len(component) - 1}: {component}")
            body = component[index + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{'^' + body[1:] if body[0] in '^!' else body}]")
            index = end
        else:
            out.append(re.escape(character))
        index += 1
    return "".join(out)
