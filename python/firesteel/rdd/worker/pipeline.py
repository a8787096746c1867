"""Narrow steps as one loop.

A pile of steps (``map``, ``filter``, …) is written as the source of one Python function, so that an item costs the
calls of the user's functions and nothing between them::

    def loop(batches, index, f0, f1):        rdd.map(f0).filter(f1)
        for batch in batches:
            for x in batch:
                x = f0(x)
                if not f1(x): continue
                yield x

Where items end up (a chunk, a dict of combined values, a counter) is the body in the place of ``yield x``. A function
of the user's that raises StopIteration ends in RuntimeError, because the loop is a generator; `worker.task` gives it
Spark's name.

A step is a tuple: its kind, then its argument. Kinds: those of `_LINES`, ``parts`` with ``f(index, iterator)`` and
``shift`` with the number that is added to the partition's index from here on.
"""

from __future__ import annotations

import inspect
import operator
from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Step = tuple[Any, ...]
    Batches = Iterable[Iterable[Any]]

# Per kind the lines; `{f}` is the step's function, `{n}` a number of its own. A colon at the end opens a loop.
_LINES = {
    "map": ("x = {f}(x)",),
    "filter": ("if not {f}(x): continue",),
    "flat": ("for x in {f}(x):",),
    "map_values": ("x = (x[0], {f}(x[1]))",),
    "flat_values": ("k{n} = x[0]", "for x in {f}(x[1]):", "x = (k{n}, x)"),
    "key_by": ("x = ({f}(x), x)",),
    "keys": ("x = x[0]",),
    "values": ("x = x[1]",),
}


class Body(NamedTuple):
    """Where the items of a loop go.

    Parameters
    ----------
    lines : tuple of str
        Run for each item, whose name is ``x``.
    names : tuple of str
        Names that the lines use: more parameters of the loop.
    before, after : tuple of str
        Run once.
    batch : tuple of str
        Run after each batch of the source.
    """

    lines: tuple[str, ...] = ("yield x",)
    names: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()


ITEMS = Body()

_OTHER_KINDS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR | inspect.CO_COROUTINE


def run(batches: Batches, index: int, steps: Iterable[Step], body: Body = ITEMS, *arguments: Any) -> Iterator[Any]:
    """Send the items of `batches` through `steps` into `body`.

    Parameters
    ----------
    batches : iterable of iterables
        The items of one partition.
    index : int
        The partition's index, before the steps.
    steps : iterable of tuples
        See the module.
    body : Body
        Where the items go; by default they are the result.
    *arguments : any
        What the body's names stand for.

    Returns
    -------
    iterator
        What the body yields.
    """
    pile: list[Step] = []
    for step in steps:
        if step[0] == "shift":
            index += step[1]
        elif step[0] == "parts":
            batches = (step[1](index, _loop(batches, pile, ITEMS, ()) if pile else _flat(batches)),)
            pile = []
        else:
            pile.append(step)
    return _loop(batches, pile, body, arguments)


def final_index(index: int, steps: Iterable[Step]) -> int:
    """Index of the partition after `steps`."""
    return index + sum(step[1] for step in steps if step[0] == "shift")


def explodes(steps: Iterable[Step]) -> bool:
    """Whether one item of the source can become any number of items."""
    return any(step[0] in ("flat", "flat_values", "parts") for step in steps)


def _flat(batches: Batches) -> Iterator[Any]:
    if isinstance(batches, tuple) and len(batches) == 1:
        # A range is handed over as one, as in Spark; of all else an iterator.
        return cast("Iterator[Any]", batches[0]) if isinstance(batches[0], range) else iter(batches[0])
    return (item for batch in batches for item in batch)


def _loop(batches: Batches, pile: list[Step], body: Body, arguments: tuple[Any, ...]) -> Iterator[Any]:
    functions = [step[1] for step in pile if len(step) > 1]
    loop = _compiled(tuple(step[0] for step in pile), body)
    result: Iterator[Any] = loop(batches, *functions, *arguments)
    return result


@lru_cache(maxsize=512)
def _compiled(kinds: tuple[str, ...], body: Body) -> Callable[..., Any]:
    source = _source(kinds, body)
    space: dict[str, Any] = {}
    exec(compile(source, "<rdd steps>", "exec"), space)  # noqa: S102
    return space["loop"]


def _source(kinds: tuple[str, ...], body: Body) -> str:
    names = []
    depth = 3
    inner = []
    for number, kind in enumerate(kinds):
        name = f"f{number}"
        if kind not in ("keys", "values"):
            names.append(name)
        for line in _LINES[kind]:
            inner.append("    " * depth + line.format(f=name, n=number))
            depth += line.endswith(":")
    inner += ["    " * depth + line for line in body.lines]
    head = f"def loop({', '.join(('batches', *names, *body.names))}):"
    before = ["    " + line for line in body.before]
    batch = ["    " * 2 + line for line in body.batch]
    after = ["    " + line for line in body.after]
    lines = [head, *before, "    for batch in batches:", "        for x in batch:", *inner, *batch, *after]
    return "\n".join(lines) + "\n"


def adds(function: Callable[..., Any]) -> bool:
    """Whether `function` is ``operator.add`` or exactly ``lambda a, b: a + b``, which a loop can write as ``a + b``."""
    if function is operator.add:
        return True
    if type(function) is not FunctionType or function.__defaults__ or function.__closure__:
        return False
    code, plain = function.__code__, _add.__code__
    same = ("co_code", "co_argcount", "co_kwonlyargcount", "co_nlocals")
    return not code.co_flags & _OTHER_KINDS and all(getattr(code, name) == getattr(plain, name) for name in same)


def _add(a: Any, b: Any) -> Any:
    return a + b
