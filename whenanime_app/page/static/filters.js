// The filters of a search: series, genre or tag, seasons and number of results.
const COUNTS = [3, 5, 10, 20, 50];
const SEASONS = /^\s*(\d+(\s*-\s*\d+)?(\s*[,，、]\s*\d+(\s*-\s*\d+)?)*)?\s*$/;

// `changed` is called when the choice has changed and is valid.
function makeFilters(changed) {
  const series = make("select", {id: "wa-series", onchange: onEdit}, make("option", {value: ""},
    text("everySeries")));
  const tag = make("select", {id: "wa-tag", onchange: onEdit}, make("option", {value: ""},
    text("everyTag")));
  const tagField = field("tag", tag);
  tagField.hidden = true;
  const seasons = make("input", {
    id: "wa-seasons", type: "text", placeholder: "19, 20, 22-24", autocomplete: "off",
    "aria-describedby": "wa-seasons-wrong", onchange: onEdit,
  });
  const wrong = make("p.wa-wrong", {id: "wa-seasons-wrong", role: "status"});
  const count = make("select", {id: "wa-count", onchange: onEdit},
    ...COUNTS.map((n) => make("option", {value: n, selected: n === 10 ? "" : null}, `${n}`)));
  const summary = make("summary", {}, icon("filter"), make("span", {}, text("filters")));
  const node = make("details.wa-filters", {ontoggle: () => node.open && fill()},
    summary, field("series", series), tagField, field("seasons", seasons, wrong), field("count", count));

  function field(name, input, ...more) {
    return make("div.wa-field", {}, make("label", {for: input.id}, text(`${name}Label`)), input,
      ...more);
  }

  function onEdit() {
    const right = SEASONS.test(seasons.value);
    seasons.setAttribute("aria-invalid", String(!right));
    wrong.textContent = right ? "" : text("seasonsWrong");
    const chosen = [series.value, tag.value, seasons.value.trim()].filter(Boolean).length;
    summary.lastChild.textContent = chosen ? text("filtersSet", {n: chosen}) : text("filters");
    if (right) changed();
  }

  // The library may have new series since the page was opened.
  async function fill() {
    const answer = await fetch("./api/v1/library").catch(() => null);
    if (!answer?.ok) return;
    const listed = (await answer.json()).series;
    const known = new Set([...series.options].map((option) => option.value));
    for (const one of listed) {
      if (known.has(one.name)) continue;
      const [first, other] = chooseTitles({...one.title, display: one.display, name: one.name});
      series.append(make("option", {value: one.name}, other ? `${first} · ${other}` : first));
    }
    fillTags(listed);
  }

  // Genres, then tags, each once in any case; without any there is nothing to choose.
  function fillTags(listed) {
    const fold = (one) => one.normalize("NFKC").toLowerCase();
    const known = new Set([...tag.options].map((option) => fold(option.value)));
    for (const kind of ["genres", "tags"]) {
      for (const one of listed.flatMap((item) => item[kind]).sort((a, b) => a.localeCompare(b))) {
        if (known.has(fold(one))) continue;
        known.add(fold(one));
        tag.append(make("option", {value: one}, one));
      }
    }
    tagField.hidden = tag.options.length < 2;
  }

  return {
    node,
    values: () => ({
      series: series.value ? [series.value] : [],
      tags: tag.value ? [tag.value] : [],
      seasons: SEASONS.test(seasons.value) ? seasons.value.trim() : "",
      limit: Number(count.value),
    }),
  };
}
