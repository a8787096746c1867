"""What the tests of this folder say about answers that differ from Spark's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from function_answers import Answer
from spark_answer import same


def agree(ours: Answer, spark: Answer) -> bool:
    return len(ours) == len(spark) and ours[:-1] == spark[:-1] and same(ours[-1], spark[-1])


def check(pairs: Iterable[tuple[str, Answer, Answer]], known: Mapping[str, str]) -> None:
    """Of expressions, our answers and Spark's: that all agree but the known ones, and that these still differ somewhere."""
    complaints, agreeing, differing = [], set(), set()
    for expression, ours, spark in pairs:
        agrees = agree(ours, spark)
        (agreeing if agrees else differing).add(expression)
        if not agrees and expression not in known:
            ours_text, spark_text = (json.dumps(answer, ensure_ascii=False) for answer in (ours, spark))
            complaints.append(f"{expression}\n    Spark: {spark_text}\n    here:  {ours_text}")
    agreeing_now = sorted((agreeing - differing) & known.keys())
    assert not complaints, f"{len(complaints)} expressions differ\n" + "\n".join(complaints)
    assert not agreeing_now, f"remove from known_differences.py: {agreeing_now}"
