"""`docs/functions.md` says what the engine serves."""

from function_page import PAGE, page


def test_page_is_current(spark):
    assert PAGE.read_text(encoding="utf-8") == page(spark), "run python/tests/functions/function_page.py"
