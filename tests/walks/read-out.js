// What whoever hears a page has to find on it: headings, landmarks, a title, errors, a name for all that has one. It is
// loaded before passing.js, which lends it its ways to look.
window.readOut = ({ all, shown, short, once }) => {
  const spoken = (one) => {
    const label = one.getAttribute("aria-labelledby");
    if (label) return label.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim().replace(/\s+/g, " ");
    if (one.ariaLabel) return one.ariaLabel;
    const copy = one.cloneNode(true);
    for (const part of copy.querySelectorAll("[aria-hidden=true]")) part.remove();
    for (const picture of copy.querySelectorAll("img")) picture.replaceWith(picture.alt);
    return copy.textContent.trim().replace(/\s+/g, " ");
  };

  function headings() {
    const levels = all("h1, h2, h3, h4, h5, h6").filter(shown).map((one) => Number(one.tagName[1]));
    const faults = levels.filter((level) => level === 1).length === 1 ? [] : [`not one h1: ${levels}`];
    if (levels.some((level, n) => level > (n ? levels[n - 1] : level) + 1)) faults.push(`a gap in the headings: ${levels}`);
    return [...faults, ...all("h1, h2, h3, h4").filter((one) => shown(one) && !spoken(one)).map((one) => `an empty heading: ${short(one)}`)];
  }

  function landmarks() {
    const faults = all("main").filter(shown).length === 1 ? [] : ["not one main"];
    if (!document.documentElement.lang) faults.push("no language");
    if (!document.title.trim()) faults.push("no title");
    const navs = all("nav").filter(shown).map((one) => one.getAttribute("aria-label") ?? spoken(one));
    if (new Set(navs).size < navs.length) faults.push(`two navigations of one name: ${navs}`);
    return faults;
  }

  function titled() {
    const hasErrors = all(".govuk-error-summary, .govuk-error-message").some((one) => shown(one) && one.textContent.trim() && !one.closest("template"));
    const says = document.title.startsWith("Error: ");
    return hasErrors === says ? [] : [`its title is "${document.title}", and there are ${hasErrors ? "" : "no "}errors`];
  }

  function errors() {
    return all(".govuk-error-summary a").flatMap((link) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field?.matches("input, select, textarea, [tabindex]")) return [`an error leads to no field: ${short(link)}`];
      const group = field.closest("fieldset[aria-describedby]");
      const told = [field, group].filter(Boolean).flatMap((one) => (one.getAttribute("aria-describedby") ?? "").split(" "));
      const words = told.map((id) => (id && document.getElementById(id)?.textContent) || "");
      const isSaid = words.some((text) => text.includes(link.textContent.trim()));
      return isSaid ? [] : [`its field does not say the error: ${short(link)}`];
    });
  }

  function named() {
    const found = {};
    const note = (one, leads) => ((found[`${one.tagName} ${spoken(one)}`] ??= new Set()).add(leads));
    for (const link of all("a[href]").filter(shown)) note(link, link.href);
    for (const button of all("form button:not([type=button])").filter(shown)) {
      const form = new URLSearchParams([...new FormData(button.form)].filter(([name]) => button.form.elements[name]?.type === "hidden"));
      note(button, `${button.formAction} ${button.name}=${button.value} ${form}`);
    }
    return once(Object.entries(found).filter(([, leads]) => leads.size > 1).map(([name, leads]) => `leads to ${leads.size} places: ${name.slice(0, 60)}`));
  }

  function tables() {
    return all("table").filter((one) => shown(one) && one.getAttribute("role") !== "presentation").flatMap((table) => {
      const faults = [];
      if (!table.caption?.textContent.trim() && !table.ariaLabel && !table.getAttribute("aria-labelledby")) faults.push(`a table without a name: ${short(table)}`);
      if (!table.querySelector("th")) faults.push(`a table without headers: ${short(table)}`);
      if ([...table.querySelectorAll("th")].some((header) => !header.scope)) faults.push(`a header of no row or column: ${short(table.querySelector("th:not([scope])"))}`);
      return faults;
    });
  }

  function tree() {
    const wordless = all("img:not([alt]), svg:not([aria-hidden=true], [aria-label], [aria-labelledby])")
      .filter((one) => shown(one) && !one.closest("[aria-hidden=true]") && !(one.matches("svg") && one.querySelector("title")) && !one.parentElement.closest("svg"));
    return [
      ...headings(), ...landmarks(), ...titled(), ...errors(), ...named(), ...tables(),
      ...once(wordless.map((one) => `a picture without words: ${short(one)}`)),
    ];
  }

  return tree;
};
