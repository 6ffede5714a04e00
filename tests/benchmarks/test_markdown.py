"""A block of a page is replaced as a whole, and a page without it is not written."""

import pytest

from tests.benchmarks.markdown import block_of, with_block

PAGE = "# Page\n<!-- bench -->\nold\n<!-- /bench -->\nrest <!-- bench peers --><!-- /bench peers -->\n"


def test_block_is_replaced_when_page_has_it() -> None:
    """The markers and everything around them stay."""
    page = with_block(PAGE, "bench", "\nnew\n")

    assert page == PAGE.replace("old", "new")
    assert block_of(page, "bench") == "\nnew\n"
    assert block_of(page, "bench peers") == ""


@pytest.mark.parametrize("page", ["# Page\n", PAGE + PAGE])
def test_block_is_refused_when_page_has_none_or_two(page: str) -> None:
    """It is better to write nothing than the wrong place."""
    with pytest.raises(ValueError, match="One block <!-- bench -->"):
        with_block(page, "bench", "new")
