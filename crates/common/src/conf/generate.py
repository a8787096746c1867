"""Writes spark-4.2.tsv: the configuration keys of Spark 4.2 with type, default and whether they are static.

Run by hand with a real `pyspark==4.2.0` (the one with the JVM): `python generate.py > spark-4.2.tsv`.
Facts only: the descriptions of the keys are Spark's and stay there.

Columns: key, kind (boolean, int, double, bytes, time, string, core), `s` for static, default (absent when the
key has none). A default `@other` is the value of another key. `core` are keys of Spark's own
configuration, outside SQL.
"""

import re
import sys
from typing import Any

from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
java = spark._jvm.java.lang.Class
java.forName("org.apache.spark.sql.hive.HiveUtils$")  # Registers the keys of Hive.


def singleton(name: str) -> Any:
    return java.forName(name + "$").getField("MODULE$").get(None)


sql_conf = singleton("org.apache.spark.sql.internal.SQLConf")
java.forName("org.apache.spark.sql.connect.config.Connect$")


def kind_of(entry: Any, default: str) -> str:
    value = entry.defaultValue().get() if entry.defaultValue().isDefined() else None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if re.fullmatch(r"-?\d+b", default):
            return "bytes"
        return "time" if re.fullmatch(r"-?\d+(ns|us|ms|s|min|m|h|d)", default) else "int"
    return "double" if isinstance(value, float) else "string"


rows = []
entries = sql_conf.getConfigEntries().iterator()
while entries.hasNext():
    entry = entries.next()
    default = entry.defaultValueString()
    if entry.defaultValue().isDefined() and not default.startswith("<value of"):
        # Within the JVM: by way of Python a Long would come back as an Integer.
        default = entry.defaultValue().map(entry.stringConverter()).get()
    kind = kind_of(entry, default)
    reference = re.fullmatch(r"<value of (.*)>", default)
    cells = [entry.key(), kind, "s" if sql_conf.isStaticConfigKey(entry.key()) else ""]
    if entry.key() in ("spark.sql.session.timeZone", "spark.sql.warehouse.dir"):
        pass  # The host's own: found out at run time.
    elif reference:
        cells.append("@" + reference.group(1))
    elif default != "<undefined>":
        cells.append(default.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n"))
    rows.append(cells)
sql_keys = {row[0] for row in rows}

holder = java.forName("org.apache.spark.internal.config.ConfigEntry$")
field = holder.getDeclaredField("knownConfigs")
field.setAccessible(True)
known = field.get(holder.getField("MODULE$").get(None)).keySet().iterator()
while known.hasNext():
    key = known.next()
    if key not in sql_keys:
        rows.append([key, "core", ""])

for row in sorted(rows):
    sys.stdout.write("\t".join(row) + "\n")
spark.stop()
