"""axe-core over pages in a real browser: what keeps people out, in light and dark, on narrow and wide screens (F19).

Everything that it reports counts, best practices too.
"""

from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from conftest import ROOT

from torture import blocks, tools
from torture.archives import ALL, an_archive
from torture.browser import ORIGIN, Browser
from torture.faults import Faults

pytestmark = pytest.mark.slow

STEP = 5 if blocks.WHOLE else 100
"""Of so many archives one is looked at: its pages cost seconds."""

PARTS = 4

LOOKS = [*product(("light", "dark"), (320, 1440))]

_TWO = (("light", 320), ("dark", 1440))
"""Enough for odd texts: contrast hangs on the colours, and the rest hardly on the width."""

_RUN = """axe.run(document, {resultTypes: ["violations"]}).then(({violations}) =>
  violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${one.help}: ${node.html.slice(0, 200)} `
    + (node.any[0] || node.all[0] || node.none[0] || {message: ""}).message)))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser(tools.chromium()) as running:
        yield running


def looked_at(
    browser: Browser, path: str, files: dict[str, bytes], looks: Iterable[tuple[str, int]] = LOOKS
) -> Iterator[tuple[str, list[str]]]:
    """For each way to look at a page what axe finds."""
    script = tools.axe()
    browser.visit(ORIGIN + path, files)
    browser.evaluate(f"{script}; 1")
    for scheme, width in looks:
        browser.scheme(scheme)
        browser.size(width)
        # What is folded is read by those who open it.
        browser.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        yield f"{scheme} {width}", browser.evaluate(_RUN)


@pytest.mark.parametrize("name", ["index.html", "sample/index.html", "sample/2026-05-26.html"])
def test_the_sample_keeps_nobody_out(browser, name):
    """axe finds nothing in the pages of the sample edition, which are what people see first."""
    folder = ROOT / "feeds"
    path = folder / name
    if not path.exists():
        pytest.skip(f"there is no {name} in feeds/")
    for look, found in looked_at(browser, name, {name: path.read_bytes()}):
        assert not found, f"{look}: {found}"


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_of_odd_texts_keep_nobody_out(browser, part, figure):
    """axe finds nothing in the pages of archives from all over, whatever stands in them."""
    faults, looks = Faults(), 0
    for number in range(part * STEP, ALL, PARTS * STEP):
        one = an_archive(number)
        for page in blocks.pages(one, faults):
            for look, found in looked_at(
                browser, page.path, {page.path: page.content}, LOOKS if blocks.WHOLE else _TWO
            ):
                faults.add(f"{number} {page.path} {look}", found)
                looks += 1
    faults.settle()
    figure("{count:,} looks at pages with axe", count=looks)
