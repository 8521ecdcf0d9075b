"""Every page by the standards: the Nu checker, axe's rules for WCAG 2.2 AA, and reflow at 320 pixels, in a browser."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from browser import AXE, CHROMIUM, VNU, dom, served
from builders import a_paper, a_ranked, a_reason, an_edition
from rendering_scene import LONG, SITE, an_archive, editions, ranked_papers

from digest.model import PRIVATE, Addressee, Section
from digest.rendering import html
from digest.store.outbox import Suppression
from digest.web.notices import NOTICES, Notice, answer
from digest.web.unsubscribing import Standing, notice

pytestmark = pytest.mark.slow


def site() -> dict[str, str]:
    """One page of every kind, with everything in it that a page can have."""
    tuesday, monday = editions()
    formulas = a_ranked(
        a_paper(
            "arxiv:2605.00009",
            title=r"Sums $\sum_{i=1}^{n} \frac{1}{i^2}$ in one line",
            headline=r"Sums $\sum_{i=1}^{n} \frac{1}{i^2}$ in one line",
            abstract=" ".join(
                (
                    LONG,
                    r"We bound $\mathcal{O}(n \log n)$ by $\sqrt{x_{1} + y^{2}}$, and $a_{ij} \le \hat{b}$.",
                    "Verylongwordwithoutanybreak" * 3,
                    "https://example.org/" + "path/" * 30,
                )
            ),
            authors=("Ada Moreau",),
        ),
        a_reason(0.25, "a term that is rather longer than terms are wont to be, and then some"),
    )
    sections = (Section("Top matches", tuple(ranked_papers())), Section("More", (formulas,)))
    full = replace(tuesday, digest=replace(tuesday.digest, sections=sections))
    days = an_archive(full, monday, an_edition(a_ranked(), day="2024-02-29", profile="efficient"))
    archive = days._replace(recent=(full, monday))
    hidden = an_archive(monday, title="Hidden")._replace(folder=f"{PRIVATE}.0123")
    empty = an_archive(profile="empty", title="Empty")
    renditions = [r for one in (archive, hidden, empty) for r in html.render(one, SITE)]
    renditions.append(html.front_page([archive, hidden, empty], SITE))
    pages = {r.path: r.content.decode() for r in renditions if r.media_type == "text/html"}
    return pages | {notice.heading: bytes(answer(notice, SITE).body).decode() for notice in served_notices()}


def served_notices() -> list[Notice]:
    """What `digest serve` says by itself: each way in which a reader stands, and one page of what went wrong."""
    to, now = Addressee("mail", f"{'long' * 12}@{'part.' * 12}example.org"), datetime(2026, 5, 26, tzinfo=UTC)
    title = "Efficient models & speech, andaverylongwordwithoutanybreakinitwhichisnotsoraretosee"
    left, bounced = (Suppression(*one, now) for one in (("ana", to, "unsubscribed"), ("", to, "bounced")))
    return [
        notice(Standing("ana", to, ()), title),
        notice(Standing("ana", to, ()), title, returned=True),
        notice(Standing("ana", to, (left,)), title),
        notice(Standing("ana", to, (bounced,)), title),
        NOTICES[404],
    ]


@pytest.mark.skipif(not (VNU.is_file() and shutil.which("java")), reason="the Nu checker is not here")
def test_pages_and_their_sheet_are_valid(tmp_path: Path) -> None:
    """F19: the Nu checker has neither an error nor a warning."""
    for number, text in enumerate(site().values()):
        (tmp_path / f"{number}.html").write_text(text, "utf-8")
    done = subprocess.run(
        ["java", "-jar", VNU, "--format", "json", "--also-check-css", *tmp_path.glob("*.html")],
        capture_output=True,
        check=False,
        timeout=300,
    )
    told = [(one["url"][-7:], one["lastLine"], one["message"]) for one in json.loads(done.stderr)["messages"]]
    assert told == []


WRAPPER = """<!DOCTYPE html><title>x</title><iframe style="border:0;height:2000px"></iframe><script>
onload = async () => {
  const frame = document.querySelector("iframe");
  const results = [];
  for (const [page, width] of %s) {
    frame.style.width = `${width}px`;
    await new Promise((loaded) => { frame.onload = loaded; frame.src = page; });
    const view = frame.contentWindow;
    for (const details of view.document.querySelectorAll("details")) details.open = true;
    const found = await view.axe.run(view.document, { runOnly: %s });
    const broken = found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html.slice(0, 200))]);
    results.push({ page, width, broken, passed: found.passes.length,
      wide: view.document.documentElement.scrollWidth, room: view.innerWidth });
  }
  const result = document.createElement("pre");
  result.textContent = JSON.stringify(results);
  document.body.append(result);
};
</script>"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.skipif(not (CHROMIUM and AXE.is_file()), reason="Chromium or axe-core is not here")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_break_no_rule_of_wcag(tmp_path: Path, scheme: str) -> None:
    """WCAG 2.2 AA as far as axe can tell, everything unfolded, on a telephone and on a desk, in both schemes; and no
    page scrolls sideways at 320 pixels (1.4.10).
    """
    shutil.copy(AXE, tmp_path / "axe.js")
    asked = []
    for number, text in enumerate(site().values()):
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', '<script src="axe.js"></script>', text)
        if scheme == "dark":
            text = text.replace("(prefers-color-scheme: dark)", "(min-width: 1px)")
        (tmp_path / f"{number}.html").write_text(text, "utf-8")
        asked += [[f"{number}.html", width] for width in (320, 1200)]
    (tmp_path / "wrapper.html").write_text(WRAPPER % (json.dumps(asked), json.dumps(RULES)), "utf-8")
    with served(tmp_path) as root:
        page = dom(f"{root}/wrapper.html", "--window-size=1300,2100", "--virtual-time-budget=120000")
    (said,) = re.findall("<pre>(.*)</pre>", page)
    results = json.loads(unescape(said))
    assert [[one["page"], one["width"]] for one in results] == asked
    for one in results:
        assert one["broken"] == []
        assert one["passed"] > 10
        assert one["wide"] <= one["room"] == one["width"]
