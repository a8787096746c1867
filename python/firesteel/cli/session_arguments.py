"""The arguments that every command with a session takes, named as ``spark-submit`` names them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from firesteel import embedded


def add_session_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --master, --remote, --conf, --name and --py-files."""
    parser.add_argument("--master", metavar="M", help="task slots: local, local[N] or local[*] (default)")
    parser.add_argument("--remote", metavar="URL", help="use the server at sc://host:port instead")
    parser.add_argument(
        "--conf",
        "-c",
        action="append",
        default=[],
        type=key_and_value,
        metavar="K=V",
        help="a Spark configuration value; may be repeated",
    )
    parser.add_argument("--name", help="name of the application")
    parser.add_argument(
        "--py-files", default="", metavar="FILES", help="comma-separated .py and .zip files to import from"
    )


def apply_session_arguments(parsed: argparse.Namespace) -> None:
    """Make the arguments the defaults of this process's sessions.

    What the program's own builder says comes before them, except --remote, which comes before a master
    that the program names.
    """
    defaults = embedded.defaults
    defaults.update(parsed.conf)
    if parsed.master:
        defaults["spark.master"] = parsed.master
    if parsed.remote:
        defaults["spark.remote"] = parsed.remote
    if parsed.name:
        defaults["spark.app.name"] = parsed.name
    _add_py_files([Path(file).resolve() for file in parsed.py_files.split(",") if file])


def _add_py_files(files: list[Path]) -> None:
    if not files:
        return
    missing = [str(file) for file in files if not file.exists()]
    if missing:
        raise SystemExit(f"firesteel: --py-files: no such file: {', '.join(missing)}")
    # A module is imported from its directory, an archive is itself a place to import from.
    places = list(dict.fromkeys(str(f.parent if f.suffix == ".py" else f) for f in files))
    sys.path[1:1] = places
    # For the Python workers, which the engine starts.
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([*places, *([inherited] if inherited else [])])
    embedded.defaults["spark.submit.pyFiles"] = ",".join(str(file) for file in files)


def key_and_value(text: str) -> tuple[str, str]:
    """Parse ``KEY=VALUE``, as argparse's ``type``."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, got {text!r}")
    return key, value
