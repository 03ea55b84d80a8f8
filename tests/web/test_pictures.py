"""The pictures of the page in the documentation."""

from __future__ import annotations

from tests.web.pictures import DIGEST, layout_digest


def test_the_pictures_show_the_page_as_it_is() -> None:
    assert DIGEST.read_text().strip() == layout_digest(), "run: python -m tests.web.pictures"
