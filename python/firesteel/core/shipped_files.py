"""Files that a program ships to its tasks: ``addFile``, ``addPyFile``, ``addArchive``.

Each goes into a directory of the driver, where ``SparkFiles`` finds it, and to the session as an artifact, from which
workers get it. Workers on this machine read the driver's directory.
"""

from __future__ import annotations

import filecmp
import importlib
import os
import shutil
import sys
import tarfile
import urllib.request
import warnings
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

from firesteel.core.worker_state import worker_state
from firesteel.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

    from firesteel.core.context import SparkContext

_PACKAGES = (".zip", ".egg", ".jar")
_ARCHIVES = (".zip", ".jar", ".tar", ".tar.gz", ".tgz")
_DOWNLOADED = ("http", "https", "ftp")


class ShippedFiles:
    """The files of one SparkContext.

    Parameters
    ----------
    session : pyspark.sql.connect.session.SparkSession
        The session whose workers get them.
    sc : SparkContext
        The context, in whose directory they are kept.
    """

    def __init__(self, session: SparkSession, sc: SparkContext) -> None:
        self._session = session
        self._sc = sc
        self.root = os.path.join(sc._temp_dir_path, "userFiles")
        self.files: list[str] = []
        self.archives: list[str] = []
        worker_state().files_root = self.root

    @property
    def root_if_any(self) -> str | None:
        """The directory of the files, None while there are none."""
        return self.root if self.files or self.archives else None

    def add_file(self, path: str, recursive: bool) -> None:
        """Ship a file, or with `recursive` a directory."""
        self._add(path, recursive=recursive, is_python=False)

    def add_python(self, path: str) -> None:
        """Ship a module or a package for import, here and in tasks."""
        target = self._add(path, recursive=False, is_python=True)
        if target is None:
            return
        place = target if target.lower().endswith(_PACKAGES) else self.root
        if place not in sys.path:
            sys.path.insert(1, place)
        importlib.invalidate_caches()

    def add_archive(self, path: str) -> None:
        """Ship an archive, which tasks find unpacked under its name or the alias behind ``#``."""
        bare, _, alias = path.partition("#")
        source, uri = self._fetch(bare)
        if alias:
            uri = f"{uri}#{alias}"
        if uri in self.archives:
            _warn_of_second(path)
            return
        if not os.path.isfile(source):
            raise _java_error("java.nio.file.NoSuchFileException", bare)
        target = os.path.join(self.root, alias or os.path.basename(source))
        _unpack(source, target)
        if source.lower().endswith(_ARCHIVES):
            self._session.addArtifacts(f"{source}#{alias}" if alias else source, archive=True)
        else:
            self.upload(alias or os.path.basename(source), source)
        self.archives.append(uri)

    def upload(self, name: str, path: str) -> None:
        """Send a file to the session under a name that workers find among their files."""
        from pyspark.sql.connect.client.artifact import LocalFile, new_file_artifact

        artifacts = self._session.client._artifact_manager
        artifacts._request_add_artifacts(artifacts._add_artifacts([new_file_artifact(name, LocalFile(path))]))

    def _add(self, path: str, *, recursive: bool, is_python: bool) -> str | None:
        """Ship a file and return where it lies here; None if it had been shipped before."""
        source, uri = self._fetch(path)
        if uri in self.files:
            _warn_of_second(path)
            return None
        name = os.path.basename(source.rstrip("/"))
        target = os.path.join(self.root, name)
        if os.path.isdir(source):
            if not recursive:
                text = f"[UNSUPPORTED_ADD_FILE.DIRECTORY] {uri}/ is a directory, and recursive is not turned on."
                raise _java_error("org.apache.spark.SparkException", f"{text} SQLSTATE: 0A000")
            shutil.copytree(source, target, dirs_exist_ok=True)
            # Files of a session have no directories of their own; what an archive unpacks to does.
            packed = shutil.make_archive(os.path.join(self.root, ".packed", name), "zip", source)
            self._session.addArtifacts(f"{packed}#{name}", archive=True)
        elif os.path.isfile(source):
            self._copy(source, target)
            if is_python:
                self._session.addArtifacts(source, pyfile=True)
            else:
                self.upload(name, source)
        else:
            raise _java_error("java.io.FileNotFoundException", f"File {uri} does not exist")
        self.files.append(uri)
        return target

    def _copy(self, source: str, target: str) -> None:
        if os.path.exists(target):
            if not filecmp.cmp(source, target, shallow=False):
                from pyspark.errors.exceptions.connect import SparkException

                raise SparkException(f"File {target} exists and does not match contents of {source}")
            return
        os.makedirs(self.root, exist_ok=True)
        shutil.copy(source, target)

    def _fetch(self, path: str) -> tuple[str, str]:
        """Return a local path for `path`, downloaded if need be, and the URI that names it."""
        os.makedirs(os.path.join(self._sc._temp_dir, "userFiles"), exist_ok=True)
        parsed = urlparse(path)
        # One letter is a drive, not a scheme; a path may hold anything else.
        if parsed.scheme in ("", "file", "local") or len(parsed.scheme) == 1:
            local = unquote(parsed.path) if parsed.scheme in ("file", "local") else path
            local = os.path.realpath(local)
            return local, f"file:{local}"
        if parsed.scheme in _DOWNLOADED:
            os.makedirs(os.path.join(self.root, ".fetched"), exist_ok=True)
            local = os.path.join(self.root, ".fetched", os.path.basename(parsed.path))
            with urllib.request.urlopen(path) as answer, open(local, "wb") as file:  # noqa: S310  (schemes are checked)
                shutil.copyfileobj(answer, file)
            return local, path
        raise UnsupportedFeatureError(f"Files at {parsed.scheme}://", "Give a local path or an http, https or ftp URL.")


def _unpack(source: str, target: str) -> None:
    """Unpack an archive by its name's ending; what would land outside of `target` is refused.

    A file of another name stays as it is.
    """
    lower = source.lower()
    if not lower.endswith(_ARCHIVES):
        shutil.copy(source, target)
        return
    os.makedirs(target, exist_ok=True)
    if lower.endswith((".zip", ".jar")):
        with zipfile.ZipFile(source) as archive:
            archive.extractall(target)  # noqa: S202  (zipfile strips what leads outside)
    else:
        with tarfile.open(source) as archive:
            if hasattr(tarfile, "data_filter"):
                archive.extractall(target, filter="data")
            else:
                archive.extractall(target)  # noqa: S202  (the program's own archive)


def _java_error(java_class: str, text: str) -> Exception:
    from firesteel.rdd.hadoop.errors import Py4JJavaError

    return Py4JJavaError(java_class, text)


def _warn_of_second(path: str) -> None:
    warnings.warn(f"The path {path} has been added already; a path can be added only once.", stacklevel=4)
