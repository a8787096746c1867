"""Columns: keys or values of many pairs, as arrays where they are numbers.

A column is a list, or an array of 64-bit integers or floats if all items are exactly of that type. Arrays are written,
read, placed and sorted by loops in C, without an object for each number.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import Any

import numpy as np

# Type codes of `array`, by the type of the items.
_CODES = {int: "q", float: "d"}

Column = Any


def column(items: list[Any]) -> Column:
    """Return items as a column."""
    kinds = set(map(type, items))
    code = _CODES.get(kinds.pop()) if len(kinds) == 1 else None
    if code is None:
        return items
    try:
        return np.frombuffer(array(code, items), code)
    except OverflowError:
        return items


def is_array(items: Column) -> bool:
    """Whether a column is an array of numbers."""
    return type(items) is np.ndarray


def is_integers(items: Column) -> bool:
    """Whether a column is an array of integers."""
    return is_array(items) and items.dtype.char == "q"


def has_twice(items: Any) -> bool:
    """Whether a sorted array holds a number twice."""
    return bool((items[1:] == items[:-1]).any())


def as_list(items: Column) -> list[Any]:
    """Return the items of a column."""
    items = items.tolist() if is_array(items) else items
    return items if type(items) is list else list(items)


def taken(items: Column, places: Any) -> Column:
    """Return the items at some places, an array of integers."""
    return items[places] if is_array(items) else list(map(items.__getitem__, places.tolist()))


def sorted_places(items: Column, ascending: bool) -> Any:
    """Return the places of a column's items in their order, equal ones as they come; None where numpy's is another.

    Integers and floats other than NaN are ordered as Python orders them.
    """
    if not is_array(items) or (items.dtype.char == "d" and np.isnan(items).any()):
        return None
    if not ascending:
        # Turned around without overflow.
        items = ~items if items.dtype.char == "q" else -items
    return items.argsort(kind="stable")


def joined(parts: list[Column]) -> Column:
    """Return columns one after another."""
    if len(parts) == 1:
        return parts[0]
    if parts and all(map(is_array, parts)) and len({part.dtype for part in parts}) == 1:
        return np.concatenate(parts)
    return list(chain.from_iterable(map(as_list, parts)))


def packed(items: Column) -> Any:
    """Return a column as `marshal` and `pickle` can write it; `unpacked` is the way back."""
    return (items.dtype.char, items.tobytes()) if is_array(items) else items


def unpacked(data: Any) -> Column:
    """Return the column that `packed` was given."""
    return np.frombuffer(data[1], data[0]) if type(data) is tuple else data
