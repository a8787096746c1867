"""The grammar rule by rule: what Spark's parser accepts is read, what it rejects is refused as Spark refuses it.

Accepted commands are explained, not run: EXPLAIN reads them with the same grammar. Whether their tables exist is not the
question, so that errors of analysis, and features that are read but not served, count as read.
"""

import json

import pytest
from pyspark.errors import ParseException, PySparkException

from known_places import KNOWN
from statements import STATEMENTS
from verdicts import first_line, path

VERDICTS = json.loads(path("4.2.0").read_text(encoding="utf-8"))


def test_every_statement_has_a_verdict():
    assert {rule: set(texts) for rule, texts in STATEMENTS.items()} == {r: set(v) for r, v in VERDICTS.items()}


@pytest.mark.parametrize("rule", STATEMENTS)
def test_accepted(spark, rule):
    accepted = [text for text, verdict in VERDICTS[rule].items() if verdict is None]
    refused = []
    for text in accepted:
        # EXPLAIN does not take scripts, which are not run either.
        explained = text if text.startswith("BEGIN") else f"EXPLAIN {text}"
        try:
            spark.sql(explained)
        except ParseException as error:
            refused.append(f"{text}\n  {first_line(str(error))}")
        except PySparkException:
            pass
    assert not refused, "\n".join(refused)


@pytest.mark.parametrize("rule", STATEMENTS)
def test_rejected(spark, rule):
    rejected = {text: verdict for text, verdict in VERDICTS[rule].items() if verdict is not None}
    differences = []
    for text, verdict in rejected.items():
        with pytest.raises(PySparkException) as caught:
            spark.sql(text)
        got = {"condition": caught.value.getCondition(), "message": first_line(str(caught.value))}
        if got["condition"] != verdict["condition"]:
            differences.append(f"{text}\n  Spark: {verdict}\n  here:  {got}")
        elif (got != verdict) != (text in KNOWN):
            differences.append(f"{text}\n  Spark: {verdict}\n  here:  {got}\n  known difference: {text in KNOWN}")
    assert not differences, "\n".join(differences)
