"""Items of frames that nobody verified, made what Spark makes of them.

Spark's JVM takes a value whose class does not fit the column as null: an `int` in a column of doubles, a `str` in one
of integers. Integers lose the bits that their column has no room for, and a column of strings takes everything. What
Python itself has to convert (dates, times, structs) raises instead.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from firesteel.rdd.hadoop.java_text import java_double

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql.types import DataType, StructType

_LONG_MIN, _LONG_MAX = -(1 << 63), (1 << 63) - 1
# What unpickles in the JVM as a value; an object of another class is an error there.
_VALUES: frozenset[type] = frozenset(
    [
        *(bool, int, float, str, bytes, bytearray, Decimal, list, tuple, dict, set),
        *(dt.date, dt.datetime, dt.time, dt.timedelta),
    ]
)


def converter(data_type: DataType) -> Callable[[Any], Any]:
    """Return the function that makes values of a type, or null, of anything."""
    from pyspark.sql import types as t

    if isinstance(data_type, t.StructType):
        return _struct(data_type)
    if isinstance(data_type, t.ArrayType):
        return _array(data_type)
    if isinstance(data_type, t.MapType):
        return _map(data_type)
    if isinstance(data_type, t.DecimalType):
        return _decimal(data_type.scale)
    widths: dict[Any, int] = {t.ByteType: 8, t.ShortType: 16, t.IntegerType: 32, t.LongType: 64}
    bits = widths.get(type(data_type))
    if bits is not None:
        return _integer(bits)
    simple: dict[Any, Callable[[Any], Any]] = {
        t.FloatType: _float,
        t.DoubleType: _float,
        t.StringType: _string,
        t.BinaryType: _binary,
        t.DateType: _date,
        t.BooleanType: _boolean,
        t.TimestampType: _only(dt.datetime),
        t.TimestampNTZType: _only(dt.datetime),
        t.DayTimeIntervalType: _only(dt.timedelta),
    }
    return simple.get(type(data_type), _same)


def _misfit(value: Any) -> None:
    """Return null, if it is a value at all."""
    if value is not None and type(value) not in _VALUES:
        raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} is no class of values of Spark SQL")


def _only(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if value is None or isinstance(value, kind):
            return value
        raise AttributeError(f"{value!r} is no {kind.__module__}.{kind.__name__}")

    return convert


def _integer(bits: int) -> Callable[[Any], Any]:
    least, most, bound = -(1 << bits - 1), (1 << bits - 1) - 1, 1 << bits

    def convert(value: Any) -> Any:
        if type(value) is not int:
            return _misfit(value)
        if least <= value <= most:
            return value
        return (value - least) % bound + least if _LONG_MIN <= value <= _LONG_MAX else None

    return convert


def _same(value: Any) -> Any:
    return value


def _boolean(value: Any) -> Any:
    return value if type(value) is bool else _misfit(value)


def _date(value: Any) -> Any:
    return None if value is None else dt.date.fromordinal(value.toordinal())


def _float(value: Any) -> Any:
    return value if type(value) is float else _misfit(value)


def _decimal(scale: int) -> Callable[[Any], Any]:
    unit = Decimal(1).scaleb(-scale)

    def convert(value: Any) -> Any:
        if type(value) is not Decimal:
            return _misfit(value)
        if not value.is_finite() or value.as_tuple().exponent >= -scale:  # type: ignore[operator]
            return value
        return value.quantize(unit, ROUND_HALF_UP)

    return convert


def _binary(value: Any) -> Any:
    if type(value) is str:
        return value.encode()
    return value if type(value) in (bytes, bytearray) else _misfit(value)


def _string(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    _misfit(value)
    return _java_text(value)


def _java_text(value: Any) -> str:
    """Return what Java prints."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_java_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_java_text(key)}={_java_text(one)}' for key, one in value.items())}}}"
    return str(value)


def _array(data_type: Any) -> Callable[[Any], Any]:
    element = converter(data_type.elementType)
    iterates = data_type.elementType.needConversion()

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if iterates or type(value) in (list, tuple, bytes, bytearray):
            return [element(one) for one in value]
        return _misfit(value)

    return convert


def _map(data_type: Any) -> Callable[[Any], Any]:
    key_of, value_of = converter(data_type.keyType), converter(data_type.valueType)
    iterates = data_type.keyType.needConversion() or data_type.valueType.needConversion()

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if iterates or type(value) is dict:
            return {key_of(key): value_of(one) for key, one in value.items()}
        return _misfit(value)

    return convert


def _struct(data_type: StructType) -> Callable[[Any], Any]:
    names = data_type.fieldNames()
    fields = [converter(field.dataType) for field in data_type.fields]

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict):
            return tuple(field(value.get(name)) for name, field in zip(names, fields, strict=True))
        if getattr(value, "__from_dict__", False):
            row: Any = value
            return tuple(field(row[name]) for name, field in zip(names, fields, strict=True))
        if isinstance(value, (list, tuple)):
            if len(value) != len(fields):
                raise _length_mismatch(len(fields), len(value))
            return tuple([field(one) for field, one in zip(fields, value, strict=True)])
        if hasattr(value, "__dict__"):
            held = value.__dict__
            return tuple(field(held.get(name)) for name, field in zip(names, fields, strict=True))
        raise ValueError(f"{value!r} is no row: expected a tuple, list, dict or Row")

    return convert


def _length_mismatch(expected: int, actual: int) -> Exception:
    return ValueError(
        f"[STRUCT_ARRAY_LENGTH_MISMATCH] A row has {actual} values where its schema has {expected} fields."
    )
