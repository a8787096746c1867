"""``firesteel server``: one engine for many clients, in the foreground."""

from __future__ import annotations

import os
import secrets
import sys
from typing import TYPE_CHECKING

from firesteel._engine import EngineStartError, find_binary

if TYPE_CHECKING:
    import argparse

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``firesteel server``."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", default=15002, type=int, help="port to listen on (%(default)s)")
    parser.add_argument(
        "--token",
        default=os.environ.get("FIRESTEEL_TOKEN"),
        help="what clients must present; default: FIRESTEEL_TOKEN, else a random one",
    )


def execute(parsed: argparse.Namespace) -> int:
    """Serve Spark Connect to any client."""
    token = parsed.token or secrets.token_urlsafe(32)
    binary = find_binary()
    # Spark's client sends a token without TLS only if the host is called localhost.
    host = "localhost" if parsed.host in LOOPBACK else parsed.host
    sys.stdout.write(f"sc://{host}:{parsed.port}/;token={token}\n")
    if host != "localhost":
        sys.stdout.write(
            "The engine speaks no TLS, and Spark's client sends a token to another machine through TLS "
            "only: put a TLS proxy in front, or an ssh tunnel to localhost.\n"
        )
    sys.stdout.flush()
    # Through the environment: a command line can be read by every user of the machine.
    environment = {**os.environ, "FIRESTEEL_TOKEN": token}
    environment.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        os.execve(  # noqa: S606  (no shell is wanted)
            binary,
            [binary, "server", "--host", parsed.host, "--port", str(parsed.port)],
            environment,
        )
    except OSError as error:
        raise EngineStartError(f"cannot execute {binary}: {error.strerror}") from None
