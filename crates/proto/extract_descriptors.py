"""Writes the protobuf descriptors of Spark Connect and GraphFrames, taken from the installed clients, to one file.

The clients' own descriptors are the only source of the messages, so client and server cannot drift.
Input: the installed ``pyspark-client`` and ``graphframes-py``. Output: a serialized ``FileDescriptorSet`` in which every file
comes after the files that it imports (prost needs that order). The file is touched only if its bytes
change: `build.rs` watches it, and a new time stamp would rebuild everything above this crate.

Usage: ``python extract_descriptors.py build/spark_connect.binpb``
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2
from graphframes.connect.proto import graphframes_pb2
from pyspark.sql.connect.proto import base_pb2, ml_pb2, pipelines_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor

# All other files of the protocol are reached from these through their imports.
ROOTS = (base_pb2, ml_pb2, pipelines_pb2, graphframes_pb2)


def descriptor_set() -> descriptor_pb2.FileDescriptorSet:
    """Return the files under `ROOTS`, dependencies first, each once."""
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(file: FileDescriptor) -> None:
        if file.name in files:
            return
        for dependency in file.dependencies:
            add(dependency)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        files[file.name] = proto

    for root in ROOTS:
        add(root.DESCRIPTOR)
    return descriptor_pb2.FileDescriptorSet(file=files.values())


def main() -> int:
    """Write the descriptors to the path given on the command line."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: extract_descriptors.py OUTPUT\n")
        return 2
    output = Path(sys.argv[1])
    # Deterministic: map fields (there are some in file options) would otherwise come in any order.
    data = descriptor_set().SerializeToString(deterministic=True)
    if output.exists() and output.read_bytes() == data:
        return 0
    output.parent.mkdir(parents=True, exist_ok=True)
    # Renamed into place, so that an interrupted run leaves no half file for cargo to read.
    partial = output.with_name(f"{output.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(output)
    sys.stdout.write(f"wrote {output} ({len(data)} bytes)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
