"""``firesteel server``: one engine for many clients, in the foreground.

The process becomes the engine, which prints the URL for clients once it listens.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import TYPE_CHECKING

from firesteel._engine import EngineStartError, find_binary
from firesteel.cli.session_arguments import key_and_value

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``firesteel server``."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", default=15002, type=int, help="port to listen on, 0 for any (%(default)s)")
    parser.add_argument("--token", help="what clients must present; default: FIRESTEEL_TOKEN, else a random one")
    parser.add_argument(
        *("--conf", "-c"),
        action="append",
        default=[],
        type=key_and_value,
        metavar="K=V",
        help="a Spark configuration value for all sessions; may be repeated",
    )


def execute(parsed: argparse.Namespace) -> int:
    """Serve Spark Connect to any client."""
    host = "127.0.0.1" if parsed.host == "localhost" else parsed.host
    try:
        if not ipaddress.ip_address(host).is_loopback:
            sys.stderr.write(
                "firesteel: the engine speaks no TLS, and Spark's client sends a token to another machine "
                "through TLS only: put a TLS proxy in front, or an ssh tunnel to localhost\n"
            )
    except ValueError:
        sys.stderr.write(f"firesteel: --host {host} is no IP address\n")
        return 2
    environment = dict(os.environ)
    if parsed.token:
        # Not as an argument: a command line can be read by every user of the machine.
        environment["FIRESTEEL_TOKEN"] = parsed.token
    environment.setdefault("PYSPARK_PYTHON", sys.executable)
    binary = find_binary()
    settings = [f"--conf={key}={value}" for key, value in parsed.conf]
    command = [binary, "server", "--host", host, "--port", str(parsed.port), *settings]
    try:
        os.execve(binary, command, environment)  # noqa: S606  (no shell is wanted)
    except OSError as error:
        raise EngineStartError(f"cannot execute {binary}: {error.strerror}") from None
