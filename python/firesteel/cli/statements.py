"""Splits SQL text into statements at the semicolons that end one.

Those in strings, quoted names and comments do not. Nothing is parsed beyond that: a compound statement
(``BEGIN … END``) is not kept together.
"""

from __future__ import annotations

import re

# What a semicolon means nothing in, or a semicolon, or a piece of anything else. What is not closed
# reaches to the end of the text.
_TOKEN = re.compile(
    r"""
      (?P<blank> \s+ | --[^\n]* )
    | (?P<block> /\* )
    | (?P<end> ; )
    | \b[rR](?: '[^']*(?:'|\Z) | "[^"]*(?:"|\Z) )
    | ' (?: [^'\\] | \\. )* (?: ' | \\?\Z )
    | " (?: [^"\\] | \\. )* (?: " | \\?\Z )
    | ` [^`]* (?: ` | \Z )
    | \w+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_MARK = re.compile(r"/\*|\*/")


def split_statements(text: str) -> tuple[list[str], str]:
    r"""Return the complete statements of `text`, and what follows the last semicolon.

    Parameters
    ----------
    text : str
        SQL statements.

    Returns
    -------
    tuple of list of str and str
        The statements without their semicolons, and the rest. Statements of white space and comments
        only are left out; so is such a rest, unless it ends within a comment.

    Examples
    --------
    >>> split_statements("select ';'; -- a;b\nselect `;`")
    (["select ';'"], '-- a;b\nselect `;`')
    """
    statements: list[str] = []
    start = position = 0
    is_blank = True
    while match := _TOKEN.match(text, position):
        position = match.end()
        if match["block"]:
            end = _end_of_block(text, position)
            if end is None:
                return statements, text[start:].strip()
            position = end
        elif match["end"]:
            if not is_blank:
                statements.append(text[start : match.start()].strip())
            start, is_blank = position, True
        elif not match["blank"]:
            is_blank = False
    return statements, "" if is_blank else text[start:].strip()


def _end_of_block(text: str, position: int) -> int | None:
    """Return where the comment ends within which `position` lies; None if it does not. They nest."""
    depth = 1
    for mark in _BLOCK_MARK.finditer(text, position):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return None
