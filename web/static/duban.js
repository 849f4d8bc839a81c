// What the pages do beyond plain HTML: they refresh themselves. Everything works without this file.
"use strict";
(() => {
  // Elements with an id and data-live are fetched anew when the server says that something has changed.
  const live = () => Array.from(document.querySelectorAll("[data-live][id]"));
  let busy = false;
  let over = false; // whoever is here is signed out
  let stamp = null; // what the server said when what is shown was read: the page carries it

  const typing = (element) => element.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);

  // Whether something was entered that was not sent: it is kept at the door once it is, and nowhere before.
  const CONTROLS = "form[method=post] :is(input, textarea, select)";
  const first = (select) => Array.from(select.options).findIndex((each) => each.defaultSelected);
  const entered = () => Array.from(document.querySelectorAll(CONTROLS)).some((each) => {
    if (each.type === "file") return each.files.length > 0;
    if (each.type === "checkbox" || each.type === "radio") return each.checked !== each.defaultChecked;
    if (each.tagName === "SELECT") return each.selectedIndex !== (each.multiple ? first(each) : Math.max(0, first(each)));
    return each.value !== each.defaultValue;
  });

  const FRAMES = ".picture-scroll, .table-wrap, .strip"; // what was moved aside stays so

  // What was unfolded stays unfolded.
  function keepOpen(element, fresh) {
    const was = element.querySelectorAll("details"), now = fresh.querySelectorAll("details");
    if (was.length === now.length) was.forEach((each, at) => { now[at].open = each.open; });
  }

  // What is wider than the screen begins where one is: the room in the navigation, the stage on the strip, today.
  function showHere() {
    document.querySelectorAll(".rooms .here, .strip .p-current, .picture-timeline [data-now]").forEach((here) => {
      const frame = here.closest(".rooms, .strip, .picture-scroll");
      if (!frame || frame.scrollWidth <= frame.clientWidth) return;
      const at = here.getBoundingClientRect(), around = frame.getBoundingClientRect();
      frame.scrollLeft += at.left + at.width / 2 - around.left - around.width / 2;
    });
  }

  async function refresh() {
    if (busy || document.hidden) return; // the next pulse finds the same difference
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (answer.redirected && new URL(answer.url).pathname === "/login") {
        over = true;
        if (!entered()) location.reload();
        return;
      }
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const element of live()) {
        const fresh = page.getElementById(element.id);
        if (fresh) keepOpen(element, fresh);
        if (fresh && !typing(element) && fresh.innerHTML !== element.innerHTML) {
          const aside = Array.from(element.querySelectorAll(FRAMES), (each) => each.scrollLeft);
          element.replaceWith(document.adoptNode(fresh));
          fresh.querySelectorAll(FRAMES).forEach((each, at) => { each.scrollLeft = aside[at] || 0; });
          if (window.htmx) window.htmx.process(fresh);
        }
      }
      const told = page.querySelector("main > .done"); // of a file that was taken out meanwhile
      if (told) {
        document.querySelector("main > .done")?.remove();
        document.getElementById("main").prepend(document.adoptNode(told));
      }
      stamp = page.body.dataset.stamp;
    } finally { busy = false; }
  }

  async function pulse() {
    if (over || document.hidden || live().length === 0) return;
    try {
      if (document.querySelector("[data-underway]")) { await refresh(); return; } // its end is no entry of the record
      const answer = await fetch("/pulse", { credentials: "same-origin" });
      if (!answer.ok) return;
      if ((await answer.text()) !== stamp) await refresh();
    } catch { /* the server is away: the next pulse asks again */ }
  }

  document.addEventListener("DOMContentLoaded", () => {
    stamp = document.body.dataset.stamp;
    showHere();
    pulse();
    setInterval(pulse, 3000);
    // A choice in a filter takes effect at once.
    document.addEventListener("change", (event) => {
      const form = event.target.closest("form[data-at-once]");
      if (form) form.requestSubmit();
    });
    // A button is pressed once.
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method === "post") setTimeout(() => form.querySelectorAll("button").forEach((each) => { each.disabled = true; }), 0);
    });
    window.addEventListener("pageshow", () => document.querySelectorAll("form button[disabled]:not([data-off])").forEach((each) => { each.disabled = false; }));
  });
})();
