// Looks for words in the titles and authors of past editions, month by month, newest first, in files beside the page.
(() => {
  "use strict";
  const SHOWN = 50;
  const form = document.getElementById("search");
  const field = document.getElementById("words");
  const told = document.getElementById("told");
  const found = document.getElementById("found");
  const months = form.dataset.months.split(" ");
  const read = new Map();
  let turn = 0;

  // Letters that Unicode does not take apart, though a reader without them on the keyboard writes plain ones.
  const LETTERS = { "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss" };
  const words = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
      .replace(/[øłđðħıæœþß]/g, (letter) => LETTERS[letter]).match(/[\p{L}\p{N}]+/gu) || [];
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  async function load(month) {
    if (!read.has(month)) {
      const answer = await fetch(`search-${month}.json`);
      if (!answer.ok) throw new Error(answer.status);
      const days = Object.entries(await answer.json());
      read.set(month, days.flatMap(([day, papers]) => papers.map(([anchor, title, authors]) =>
        ({ day, anchor, title, authors, key: ` ${words(`${title} ${authors}`).join(" ")}` }))));
    }
    return read.get(month);
  }

  function item(paper) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = `${paper.day}.html#${paper.anchor}`;
    link.textContent = paper.title;
    const aside = document.createElement("span");
    aside.className = "aside";
    aside.textContent = [day.format(new Date(paper.day)), paper.authors].filter(Boolean).join(" · ");
    line.append(link, " ", aside);
    return line;
  }

  async function search() {
    const mine = ++turn;
    const wanted = words(field.value);
    found.replaceChildren();
    told.textContent = wanted.length ? "Looking …" : "";
    let count = 0;
    let failed = 0;
    for (const month of wanted.length ? months : []) {
      const papers = await load(month).catch(() => null);
      if (mine !== turn) return;
      failed += papers === null;
      for (const paper of papers || []) {
        if (count < SHOWN && wanted.every((word) => paper.key.includes(` ${word}`))) {
          found.append(item(paper));
          count += 1;
        }
      }
      if (count === SHOWN) break;
    }
    if (!wanted.length) return;
    if (failed === months.length && location.protocol === "file:") {
      told.textContent = "A page that was opened as a file cannot be searched; on the web it can. The calendar leads to every edition.";
    } else {
      const lost = failed ? ` ${counted(failed, "month")} could not be read.` : "";
      const most = count === SHOWN ? " These are the newest; more words find fewer." : "";
      told.textContent = `${counted(count, "paper")} found.${most}${lost}`;
    }
  }

  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });
  document.getElementById("unsearched").remove();
  form.hidden = false;
  field.value = new URLSearchParams(location.search).get("q") || "";
  if (field.value) search();
})();
