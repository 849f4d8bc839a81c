// The page of a matter: a link to a form opens it, and files are sent with a bar. Everything works without this file.
"use strict";
(() => {
  function openTarget() {
    const target = location.hash.startsWith("#act-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) { target.open = true; target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", openTarget);
  document.addEventListener("DOMContentLoaded", () => {
    openTarget();
    const refused = document.querySelector("details.act[open] .field-wrong input, details.act[open] .field-wrong select, details.act[open] .field-wrong textarea");
    if (refused) refused.focus();
  });

  const megabytes = (count) => (count / 1048576).toFixed(1) + " MB";

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]")) return;
    const files = Array.from(form.querySelectorAll('input[type="file"]')).flatMap((each) => Array.from(each.files));
    const size = files.reduce((sum, each) => sum + each.size, 0);
    if (size < 524288) return; // small ones are there before a bar could be drawn
    event.preventDefault();
    const line = form.querySelector(".sending"), bar = line.querySelector("progress"), said = line.querySelector("span");
    const request = new XMLHttpRequest();
    line.hidden = false;
    request.upload.addEventListener("progress", (step) => {
      if (step.lengthComputable) { bar.value = 100 * step.loaded / step.total; said.textContent = megabytes(step.loaded) + " / " + megabytes(step.total); }
    });
    request.addEventListener("load", () => {
      const type = request.getResponseHeader("Content-Type") || "";
      if (!type.startsWith("text/html")) { location.reload(); return; }
      if (request.status < 400) history.replaceState(null, "", request.responseURL);
      document.open(); document.write(request.responseText); document.close();
    });
    request.addEventListener("error", () => {
      line.hidden = true;
      form.querySelectorAll("button").forEach((each) => { each.disabled = false; });
      form.removeAttribute("data-upload");
      form.submit(); // the plain way says what is wrong
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
})();
